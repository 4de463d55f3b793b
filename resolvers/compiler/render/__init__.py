"""Plans as SQL: the only place where SQL text is built."""

from dataclasses import dataclass

from resolvers.compiler import plan
from resolvers.compiler.render.context import Context, json_object, literal, select, subquery
from resolvers.compiler.render.rows import RowRenderer

# Bytes: what one answer may take of everybody's memory.
LARGEST_ANSWER = 16 * 2**20


@dataclass(frozen=True, slots=True)
class Rendered:
    """SQL of one row with the columns `data` and `denied`; U0413 where there is more than LARGEST_ANSWER.

    `data` is JSON as text; `denied` the modules without `view`, or null.
    """

    text: str
    slots: tuple[plan.Param, ...]


def statement(planned: plan.Statement) -> Rendered:
    """The one statement that answers a plan."""
    context = Context()
    joins: list[str] = []
    pairs = RowRenderer(context).pairs(planned.fields, "", joins)
    columns, reference = json_object(pairs, "answer$")
    joins.append(subquery("cross join", select(columns, "", []), "answer$"))
    data = f"{reference}::text" if reference.endswith(".object$") else f"row_to_json({reference})::text"
    # `offset 0`: made once, and not sent when it is too large.
    joins.append(subquery("cross join", select([f"{data} as data"], "", [], "offset 0"), "json$"))
    size = "octet_length(json$.data)"
    too_large = f"access.limit_exceeded('answer', {LARGEST_ANSWER}, {size})"
    missing = ", ".join(
        f"case when {context.mask(module, 'view')} = 0 then {literal(module)} end" for module in context.modules
    )
    denied = f"nullif(array_remove(array[{missing}], null), '{{}}')" if missing else "null::text[]"
    viewer = context.viewer_row()
    columns = [
        f"case when {size} <= {LARGEST_ANSWER} then json$.data else {too_large} end as data",
        f"{denied} as denied",
    ]
    body = select(columns, "viewer$" if viewer else "(select) nothing$", joins)
    return Rendered(f"{viewer}\n{body}" if viewer else body, context.slots)


def for_profile(text: str, profile: str) -> str:
    """The text as it is sent: each profile has prepared statements of its own, since plans depend on the role."""
    if not profile.replace("_", "").isalnum():
        raise ValueError(f"not the name of a profile: {profile!r}")
    return f"/* {profile} */ {text}"
