"""Carrying out an assignment of many rows within the transaction of a member: the function decides, and does it."""

from functools import lru_cache

from resolvers.compiler import plan
from resolvers.compiler.assigning import Assignment, Shape
from resolvers.compiler.render import assignments, calls, for_profile
from resolvers.keys import claim
from resolvers.profile import Profile
from resolvers.session import Exchange
from resolvers.session.pipeline import Step


async def assign_many(exchange: Exchange, assignment: Assignment) -> str | None:
    """Call the function, and leave the transaction open: what it did can be read, and still be undone.

    What the function answered, as text. Raises GatewayError, or what the database raises.
    """
    text, slots = _sent(assignment.shape, exchange.profile)
    steps = [Step(text, [assignment.values[slot.index] for slot in slots])]
    if assignment.reason is not None:
        steps.insert(0, Step(for_profile(calls.BECAUSE, exchange.profile), [assignment.reason]))
    if assignment.key is not None:
        steps.insert(0, claim(assignment.key, exchange.profile))
    answers = await exchange.run(*steps)
    answered = answers[-1].get_value(0, 0)
    return answered.decode() if answered else None


@lru_cache(maxsize=1024)
def _sent(shape: Shape, profile: Profile) -> tuple[str, tuple[plan.Param, ...]]:
    """The same object each time, by which a prepared statement is found without reading the text."""
    return assignments.assign(shape, profile)
