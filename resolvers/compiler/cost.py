"""How much an answer can hold at most."""

from collections.abc import Iterable

from resolvers.compiler import plan

TYPICAL_LIST = 10
ROW_CHARACTERS = 1000


def cost(fields: Iterable[plan.Field]) -> int:
    """Upper bound of the rows under these fields: page sizes multiplied down the tree.

    Lists without pages (teams of a row, capabilities) count as ten; a long text as a row for each thousand characters.
    """
    return sum(_value(field.value) for field in fields)


def _value(value: plan.Value) -> int:
    match value:
        case plan.Column(_, _, longest):
            return longest // ROW_CHARACTERS
        case plan.One(_, _, fields):
            return 1 + cost(fields)
        case plan.Inline(fields):
            return cost(fields)
        case plan.Several(_, _, _, fields, _, most) if most:
            return most * (1 + cost(fields))
        case plan.Many(_, _, fields) | plan.Several(_, _, _, fields) | plan.Called(_, _, _, fields):
            return TYPICAL_LIST * (1 + cost(fields))
        case plan.ByIds(_, _, count, choices):
            return count * (1 + max((cost(choice.fields) for choice in choices), default=0))
        case plan.Connection():
            return _connection(value)
        case _:
            return 0


def _connection(value: plan.Connection) -> int:
    total = 0
    for field in value.fields:
        match field.value:
            case plan.Nodes(fields):
                total += value.page.size * (1 + cost(fields))
            case plan.Edges(edges):
                inner = sum(cost(edge.value.fields) for edge in edges if isinstance(edge.value, plan.Node))
                total += value.page.size * (1 + inner)
            case _:
                total += 1
    return total
