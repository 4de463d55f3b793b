"""Behaviour: a GraphQL operation in, one SQL statement out."""
