"""The contract: GraphQL types and the module registry. Does no I/O."""
