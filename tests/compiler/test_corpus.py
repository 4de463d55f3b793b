"""The compiled answer equals graphql-core's own execution over the rows of the same session."""

import re
from typing import Any

import orjson
import pytest
from graphql import GraphQLError

from resolvers.operations import Result
from resolvers.profile import Profile
from tests.compiler import corpus, corpus_lists
from tests.compiler.conftest import Client
from tests.compiler.corpus import Case, CursorAt, Id, Known
from tests.compiler.reference import Reference
from tests.compiler.reference_lists import cursor_id
from tests.compiler.world import World

CASES = [*corpus.CASES, *corpus_lists.CASES]
PEOPLE = ("owner", "lead", "rep", "outsider")


class NoSuchCursor(Exception):
    """The member's list is too short, or not to be seen."""


def data_of(result: Result) -> Any:
    return None if result.data is None else orjson.loads(orjson.dumps(result.data))


def faults(errors: list[GraphQLError] | None) -> list[tuple[str, str, str]]:
    """What errors have in common with those of the reference: where, and which code."""
    return sorted(
        (
            ".".join(map(str, error.path or [])),
            str((error.extensions or {}).get("code")),
            str((error.extensions or {}).get("module")),
        )
        for error in errors or []
    )


def without_cursors(data: Any) -> Any:
    """The answer with cursors replaced by the ids in them: that is what the reference gives."""
    if isinstance(data, list):
        return [without_cursors(each) for each in data]
    if isinstance(data, dict):
        return {
            key: cursor_id(value) if key in ("cursor", "startCursor", "endCursor") and value else without_cursors(value)
            for key, value in data.items()
        }
    return data


async def resolved(value: Any, client: Client, who: str) -> Any:
    """Variables with ids and cursors in place of what stands for them."""
    match value:
        case dict():
            return {key: await resolved(each, client, who) for key, each in value.items()}
        case list():
            return [await resolved(each, client, who) for each in value]
        case Id(type_name, table, index):
            return f"{type_name}:{client.world.id(table, index)}"
        case Known("Person", name):
            return f"Person:{client.world.people[name]}"
        case Known(type_name, name):
            return f"{type_name}:{client.world.teams[name]}"
        case CursorAt(name, order, index):
            text = f"{{ {name}(first: 100, orderBy: [{', '.join(order)}]) {{ edges {{ cursor }} }} }}"
            found = (data_of(await client.ask(who, text)) or {}).get(name)
            if not found or len(found["edges"]) <= index:
                raise NoSuchCursor
            return found["edges"][index]["cursor"]
    return value


async def reference(client: Client, world: World, who: str) -> Reference:
    async with client.database.session(world.identity(who), read_only=True) as session:
        return await Reference.load(session)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_compiled_answer_equals_graphql_core(case: Case, who: str, client: Client, world: World) -> None:
    try:
        variables = await resolved(case.variables, client, who)
    except NoSuchCursor:
        variables = await resolved({**case.variables, "after": None, "before": None}, client, who)
    compiled = await client.ask(who, case.text, variables)
    expected = (await reference(client, world, who)).execute(case.text, variables)

    if case.name.startswith("cursor_of_another") and variables.get("after"):
        assert faults(compiled.errors) == [("deals", "BAD_USER_INPUT", "None")]
        return
    assert orjson.dumps(without_cursors(data_of(compiled))) == orjson.dumps(expected.data), "keys in order, values"
    assert faults(compiled.errors) == faults(expected.errors)


def test_corpus_is_large_enough() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60


@pytest.mark.parametrize("who", ["lead", "rep", "outsider"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
async def test_account_predicates_change_no_answer(
    case: Case, who: str, client: Client, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Python finds, Postgres proves: without every predicate on the account that is added, the answer is the same."""
    variables = await resolved({**case.variables, "after": None, "before": None}, client, who)
    with_them = await client.ask(who, case.text, variables)
    sent: list[str] = []

    def bare(text: str, profile: Profile) -> str:
        sent.append(re.sub(r"\b[a-z_]+\$\d*\.account_id = \(select access\.account_id\(\)\)", "true", text))
        assert "access.account_id" not in sent[-1]
        return f"/* {profile.name} */ {sent[-1]}"

    monkeypatch.setattr("resolvers.compiler.render.for_profile", bare)
    without = Client(type(client.compiler)(b"a secret of the tests, 32 bytes!"), client.database, world)
    answer = await without.ask(who, case.text, variables)

    assert sent or "deals" not in case.text or "__" in case.text or "skip" in case.name or with_them.errors
    assert data_of(answer) == data_of(with_them)
    assert faults(answer.errors) == faults(with_them.errors)
