"""Plans as SQL: the only place where SQL text is built."""

from dataclasses import dataclass

from resolvers.compiler import plan
from resolvers.compiler.render.context import Context, json_object, select, subquery
from resolvers.compiler.render.rows import RowRenderer
from resolvers.profile import Profile

# Bytes: what one answer may take of everybody's memory.
LARGEST_ANSWER = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Rendered:
    """SQL of one row with the column `data`, JSON as text; U0413 where there is more than LARGEST_ANSWER.

    `slots` are what its parameters stand for, `denied` what it needs and is not held.
    """

    text: str
    slots: tuple[plan.Param, ...]
    denied: tuple[plan.Denial, ...] = ()


def statement(planned: plan.Statement, profile: Profile) -> Rendered:
    """The one statement that answers a plan for members of a profile."""
    context = Context(profile)
    joins: list[str] = []
    pairs = RowRenderer(context).pairs(planned.fields, "", joins)
    columns, reference = json_object(pairs, "answer$")
    joins.append(subquery("cross join", select(columns, "", []), "answer$"))
    data = f"{reference}::text" if reference.endswith(".object$") else f"row_to_json({reference})::text"
    # `offset 0`: made once, and not sent when it is too large.
    joins.append(subquery("cross join", select([f"{data} as data"], "", [], "offset 0"), "json$"))
    size = "octet_length(json$.data)"
    too_large = f"access.limit_exceeded('answer', {LARGEST_ANSWER}, {size})"
    viewer = context.viewer_row()
    columns = [f"case when {size} <= {LARGEST_ANSWER} then json$.data else {too_large} end as data"]
    body = select(columns, "viewer$" if viewer else "(select) nothing$", joins)
    text = for_profile(f"{viewer}\n{body}" if viewer else body, profile)
    return Rendered(text, context.slots, context.denied)


def for_profile(text: str, profile: Profile) -> str:
    """The text as it is sent: each profile has prepared statements of its own, since plans depend on the role."""
    if not profile.name.replace("_", "").isalnum():
        raise ValueError(f"not the name of a profile: {profile.name!r}")
    return f"/* {profile.name} */ {text}"
