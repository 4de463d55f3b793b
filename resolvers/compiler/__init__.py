"""From a GraphQL operation to one SQL statement: arguments -> selection -> plan -> render."""
