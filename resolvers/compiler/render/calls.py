"""Statements that call the functions of administration. Their texts depend on the mutation alone."""

from functools import lru_cache

from resolvers.compiler.render.context import ACCOUNT, literal
from schema.administration.description import Mutation

BECAUSE = "select access.because($1::text)"


@lru_cache(maxsize=256)
def call(mutation: Mutation) -> str:
    """The call, mostly in the session's account: `$1`... are the arguments in the order of the description."""
    given = [
        f"{argument.parameter} => ${number}::{argument.form.sql_type}"
        for number, argument in enumerate(mutation.arguments, 1)
    ]
    fixed = [f"{parameter} => {literal(value)}" for parameter, value in mutation.fixed]
    account = [f"account => {ACCOUNT}"] if mutation.within else []
    return f"select {mutation.function}({', '.join([*account, *given, *fixed])}) as answered"
