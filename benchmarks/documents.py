"""Any number of different operations: valid ones and such as fail, each another text.

Names, aliases, selections, values and the shapes of variables differ, so that nothing that was kept of one is of use
for the next.
"""

from collections.abc import Callable
from random import Random
from typing import Any, TypeAlias
from uuid import UUID

Body: TypeAlias = dict[str, Any]

FIELDS = (
    "id", "firstName", "lastName", "email", "phone", "jobTitle", "lifecycleStage", "city", "country", "createdAt",
    "updatedAt", "company { name }", "deals(first: 2) { nodes { name } }",
)  # fmt: skip
FILTERED = ("firstName", "lastName", "email", "phone", "jobTitle", "city")
OPERATORS = ("eq", "startsWith", "contains")
STAGES = ("LEAD", "CUSTOMER", "SUBSCRIBER")


def different(number: int) -> Body:
    """The body of the request with this number: the same each time, and like no other number's."""
    chance = Random(number)  # noqa: S311 - the same in every run
    return {**chance.choice(_KINDS)(number, chance), "operationName": f"N{number}"}


def _page(number: int, chance: Random) -> Body:
    text = f"a{number}: contacts({_arguments(chance)}) {{ nodes {{ {_selection(number, chance)} }} }}"
    return {"query": f"query N{number} {{ {text} }}"}


def _counted(number: int, chance: Random) -> Body:
    fragment = f"fragment F{number} on Contact {{ {_selection(number, chance)} }}"
    text = f"contacts({_arguments(chance)}) {{ totalCount edges {{ cursor node {{ ...F{number} }} }} }}"
    return {"query": f"query N{number} {{ {text} }} {fragment}"}


def _one(number: int, chance: Random) -> Body:
    row = UUID(int=chance.getrandbits(128))
    return {"query": f'query N{number} {{ contact(id: "Contact:{row}") {{ {_selection(number, chance)} }} }}'}


def _shaped(number: int, chance: Random) -> Body:
    """The text is one of few; its variables have another shape each time."""
    few = number % 5
    text = f"query N{number}($where: ContactWhere) {{ a{few}: contacts(first: 3, where: $where) {{ nodes {{ id }} }} }}"
    return {"query": text, "variables": {"where": _where(chance)}}


def _where(chance: Random) -> Body:
    names = chance.sample(FILTERED, chance.randint(1, 4))
    found: Body = {name: {chance.choice(OPERATORS): _word(chance)} for name in names}
    return {"or": [found, {"lastName": {"eq": _word(chance)}}]} if chance.getrandbits(1) else found


def _introspection(number: int, _: Random) -> Body:
    return {"query": f'query N{number} {{ __type(name: "Contact") {{ a{number}: name fields {{ name }} }} }}'}


def _write(number: int, chance: Random) -> Body:
    """Of a row that does not exist."""
    row = f'id: "Contact:{UUID(int=chance.getrandbits(128))}", jobTitle: "{_word(chance)}"'
    text = f"a{number}: updateContact(input: {{{row}}}) {{ contact {{ {_selection(number, chance)} }} }}"
    return {"query": f"mutation N{number} {{ {text} }}"}


def _broken(number: int, chance: Random) -> Body:
    return {"query": f"query N{number} {{ contacts(first: {chance.randint(1, 9)} "}


def _unknown(number: int, chance: Random) -> Body:
    return {"query": f"query N{number} {{ contacts {{ nodes {{ {_selection(number, chance)} nothing{number} }} }} }}"}


def _unset(number: int, _: Random) -> Body:
    return {"query": f"query N{number}($v{number}: Int!) {{ contacts(first: $v{number}) {{ totalCount }} }}"}


def _unfit(number: int, chance: Random) -> Body:
    text = f"query N{number}($first: Int) {{ a{number}: contacts(first: $first) {{ totalCount }} }}"
    return {"query": text, "variables": {"first": _word(chance)}}


def _costly(number: int, _: Random) -> Body:
    inner = f"deals(first: 100) {{ nodes {{ contacts(first: 100) {{ nodes {{ a{number}: id }} }} }} }}"
    return {"query": f"query N{number} {{ contacts(first: 100) {{ nodes {{ {inner} }} }} }}"}


_KINDS: tuple[Callable[[int, Random], Body], ...] = (
    *(_page,) * 5, *(_counted,) * 3, *(_shaped,) * 3, _one, _one, _write, _introspection,
    _broken, _unknown, _unset, _unfit, _costly,
)  # fmt: skip


def _arguments(chance: Random) -> str:
    stage = f"lifecycleStage: {{eq: {chance.choice(STAGES)}}}"
    filters = [
        f'{name}: {{{chance.choice(OPERATORS)}: "{_word(chance)}"}}'
        for name in chance.sample(FILTERED, chance.randint(0, 2))
    ]
    return f"first: {chance.randint(1, 20)}, where: {{{', '.join([stage, *filters])}}}"


def _selection(number: int, chance: Random) -> str:
    names = chance.sample(FIELDS, chance.randint(1, len(FIELDS)))
    return " ".join(f"a{number}_{place}: {name}" for place, name in enumerate(names))


def _word(chance: Random) -> str:
    return "".join(chance.choices("abcdefghijklmnop", k=4))
