"""Carrying out an administrative mutation within the transaction of a member: the function decides, and does it."""

from functools import lru_cache

import asyncpg

from resolvers.compiler.calling import Call
from resolvers.compiler.render import calls, for_profile
from resolvers.errors import from_postgres
from resolvers.keys import claim
from resolvers.profile import Profile
from resolvers.session import Exchange
from resolvers.session.pipeline import Step
from schema.administration.description import Mutation
from schema.errors import BadUserInput, NotFound

# What is wrong with an argument, or is not there.
NAMING = frozenset({"U0400", "U0404"})


async def administer(exchange: Exchange, call: Call) -> str | None:
    """Call the function, and leave the transaction open: what it did can be read, and still be undone.

    What the function answered, as text. Raises GatewayError, or what the database raises.
    """
    steps = [Step(_sent(call.mutation, exchange.profile), call.values)]
    if call.reason is not None:
        steps.insert(0, Step(for_profile(calls.BECAUSE, exchange.profile), [call.reason]))
    if call.key is not None:
        steps.insert(0, claim(call.key, exchange.profile))
    try:
        answers = await exchange.run(*steps)
    except asyncpg.PostgresError as error:
        raise _named(error, call.mutation) from error
    answered = answers[-1].get_value(0, 0)
    return answered.decode() if answered else None


def _named(error: asyncpg.PostgresError, mutation: Mutation) -> Exception:
    """An error that names parameters of the function, by what clients call them."""
    known = from_postgres(error) if error.sqlstate in NAMING else error
    match known:
        case BadUserInput(details={"fields": dict(fields)}):
            return BadUserInput(fields={mutation.names.get(str(name), str(name)): str(fields[name]) for name in fields})
        case NotFound(details={"module": str(module), "field": str(field)}):
            return NotFound(module=module, field=mutation.names.get(field, field))
        case _:
            return known


@lru_cache(maxsize=4096)
def _sent(mutation: Mutation, profile: Profile) -> str:
    """The same object each time, by which a prepared statement is found without reading the text."""
    return for_profile(calls.call(mutation), profile)
