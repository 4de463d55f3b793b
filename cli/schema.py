"""`cloison schema`: the contract that clients see."""

from cli.output import answer


def schema() -> None:
    """Print the GraphQL schema in SDL. Needs no database."""
    from resolvers.root import SCHEMA

    answer(SCHEMA.as_str())
