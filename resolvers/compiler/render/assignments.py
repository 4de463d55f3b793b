"""Statements that assign many rows. Which rows a condition means is asked under the member's policies."""

from resolvers.compiler import plan
from resolvers.compiler.assigning import Shape
from resolvers.compiler.render import for_profile
from resolvers.compiler.render.conditions import condition
from resolvers.compiler.render.context import ACCOUNT, Context, literal
from resolvers.profile import Profile
from schema.assignments import MOST_AT_ONCE, MOST_OF_A_JOB
from schema.errors import Forbidden


def assign(shape: Shape, profile: Profile) -> tuple[str, tuple[plan.Param, ...]]:
    """The call of the function, or of the one that starts a job; what it answers is JSON.

    Forbidden where the condition asks about a module of which the member views nothing.
    """
    context = Context(profile)
    if not context.holds_view(shape.modules):
        raise Forbidden(module=context.denied[0].module, action=context.denied[0].action)
    most = MOST_OF_A_JOB if shape.background else MOST_AT_ONCE
    # One more than may be, by which the function knows that there are too many.
    rows = context.param(shape.ids) if shape.ids is not None else _matching(context, shape, most + 1)
    name, change = literal(shape.module.name), context.param(shape.change)
    if shape.background:
        call = f"json_build_object('job', access.start_assignment({name}, {change}, {rows}))"
    else:
        call = f"access.assign_many({name}, {change}, {rows}, {context.param(shape.partial)})"
    return for_profile(f"select {call}::text as answered", profile), context.slots


def _matching(context: Context, shape: Shape, most: int) -> str:
    tree = shape.condition if shape.condition is not None else plan.All()
    where = f"t.account_id = {ACCOUNT} and ({condition(context, tree, 't')})"
    return f"array(\n  select t.id from {shape.module.table} t\n  where {where}\n  limit {most}\n)"
