"""Any filter and order: the compiled answer equals the reference's."""

from functools import cache
from typing import Any

import orjson
from hypothesis import HealthCheck, given, settings, strategies as st

from schema.modules import REGISTRY
from schema.names import camel
from schema.ordering import orderings
from schema.registry import Module, Type
from tests.compiler.conftest import Client
from tests.compiler.reference import Reference
from tests.compiler.test_corpus import data_of, faults

RECORDS = [REGISTRY.by_name[name] for name in ("deals", "contacts", "companies")]
TEXTS = st.sampled_from(["", "a", "beta", "B", "Å", "deal", "%", "_", "Plus", "norway", "os", "'"])
NUMBERS = st.sampled_from([0, 1, 5, 10, 100, 250, 1955, 250_000])
DAYS = st.sampled_from(["2026-01-02", "2026-01-03", "2026-02-01"])
TIMES = st.sampled_from(["2026-01-05T12:00:00Z", "2026-01-06T03:00:00.000018+00:00", "2026-01-08T00:00:00+02:00"])
VALUES = {Type.TEXT: TEXTS, Type.INTEGER: NUMBERS, Type.BIGINT: NUMBERS, Type.DATE: DAYS, Type.TIMESTAMP: TIMES}


def operators(values: st.SearchStrategy[Any], names: tuple[str, ...]) -> st.SearchStrategy[dict[str, Any]]:
    chosen: dict[str, st.SearchStrategy[Any]] = {
        name: st.booleans() if name == "isNull" else st.lists(values, max_size=3) if name == "in" else values
        for name in names
    }
    return st.lists(st.sampled_from(names), max_size=2, unique=True).flatmap(
        lambda keys: st.fixed_dictionaries({key: chosen[key] for key in keys})
    )


def columns(module: Module) -> dict[str, st.SearchStrategy[dict[str, Any]]]:
    foreign = {relation.column for relation in module.to_one}
    found = {}
    for column in module.columns:
        if not column.filterable or column.name in foreign:
            continue
        equality = ("eq", "ne", "in", "isNull")
        if column.choices:
            found[camel(column.name)] = operators(st.sampled_from([each.upper() for each in column.choices]), equality)
        else:
            more = ("startsWith", "contains") if column.type is Type.TEXT else ()
            found[camel(column.name)] = operators(VALUES[column.type], (*equality, "lt", "lte", "gt", "gte", *more))
    return found


@cache
def wheres(module: Module, depth: int = 2) -> st.SearchStrategy[dict[str, Any]]:
    parts: dict[str, st.SearchStrategy[Any]] = dict(columns(module))
    if depth:
        inner = wheres(module, depth - 1)
        parts |= {"and": st.lists(inner, max_size=2), "or": st.lists(inner, max_size=2), "not": inner}
        for relation in module.to_one:
            target = REGISTRY.by_name[relation.target]
            parts[camel(relation.name)] = wheres(target, depth - 1)
        links = {
            "deals": {"contacts": "contacts"},
            "contacts": {"deals": "deals"},
            "companies": {"subsidiaries": "companies"},
        }
        for name, table in links.get(module.name, {}).items():
            target = REGISTRY.by_name[table]
            one = wheres(target, 0)
            parts[name] = st.fixed_dictionaries({}, optional={"some": one, "none": one})
    return st.lists(st.sampled_from(sorted(parts)), max_size=3, unique=True).flatmap(
        lambda keys: st.fixed_dictionaries({key: parts[key] for key in keys})
    )


@st.composite
def requests(draw: st.DrawFn) -> tuple[str, dict[str, Any]]:
    """A page of a module's rows, by any filter, in any order."""
    module = draw(st.sampled_from(RECORDS))
    order = draw(st.lists(st.sampled_from(list(orderings(module))), max_size=3))
    size = draw(st.sampled_from(["first", "last"]))
    text = (
        f"query ($w: {module.type_name}Where, $o: [{module.type_name}Order!], $n: Int) "
        f"{{ {camel(module.name)}(where: $w, orderBy: $o, {size}: $n) "
        "{ totalCount nodes { id } pageInfo { hasNextPage hasPreviousPage } } }"
    )
    return text, {"w": draw(wheres(module)), "o": order, "n": draw(st.sampled_from([0, 1, 7, 100]))}


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(request=requests(), who=st.sampled_from(["owner", "lead"]))
async def test_any_filter_and_order(request: tuple[str, dict[str, Any]], who: str, client: Client) -> None:
    text, variables = request
    compiled = await client.ask(who, text, variables)
    async with client.database.session(client.world.identity(who), read_only=True) as session:
        expected = (await Reference.load(session)).execute(text, variables)
    assert orjson.dumps(data_of(compiled)) == orjson.dumps(expected.data)
    assert faults(compiled.errors) == faults(expected.errors)
