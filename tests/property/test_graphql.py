"""Whoever asks in GraphQL gets what the oracle says: rows, what is masked, buttons, counts, and what writes do."""

from collections import Counter
from collections.abc import AsyncIterator
from functools import cache
from typing import Any

import orjson
import pytest
from hypothesis import given, note, settings

from resolvers.errors import Unauthenticated
from resolvers.operations import Compiler
from resolvers.session import Database, Identity
from schema.modules import REGISTRY
from schema.names import GlobalId, can, plural_field
from schema.registry import Module
from tests.policies.doors import writing
from tests.property import oracle
from tests.property.doors import Doors, modules_of
from tests.property.worlds import any_worlds
from tests.support.building import Built, build
from tests.support.databases import TestDatabase
from tests.support.model import Member, World
from tests.support.undoing import UndoingDatabase

pytestmark = pytest.mark.any_server

COMPILER = Compiler(b"a secret of the tests, for cursors")


@pytest.fixture(scope="module")
async def undoing(worlds_database: TestDatabase) -> AsyncIterator[Database]:
    async with UndoingDatabase.connected(worlds_database.gateway_dsn) as database:
        yield database


@settings(max_examples=60)
@given(world=any_worlds())
async def test_graphql_agrees_with_the_oracle(
    doors: Doors, undoing: Database, counts: Counter[str], world: World
) -> None:
    built = await build(doors.admin, world)
    for number, member in enumerate(world.here.members):
        note(f"as {member.user}")
        if not oracle.acts(member):
            with pytest.raises(Unauthenticated):
                await asked(undoing, built, member, "{ viewer { superAdmin } }")
            continue
        verdicts = oracle.verdicts(world, member)
        shown = {key: yes for key, yes in verdicts.items() if key[0] in oracle.ACTIONS}
        assert await read(undoing, built, world, member) == {key for key, yes in shown.items() if yes}
        await write(undoing, built, world, number, verdicts)
        counts["verdicts"] += len(shown)
        counts["denials"] += sum(not yes for yes in shown.values())
    counts["worlds"] += 1
    await doors.tidy()


async def asked(
    database: Database, built: Built, member: Member, text: str, variables: dict[str, Any] | None = None
) -> Any:
    identity = Identity(built.slug("here"), built.user(member.user))
    result = await COMPILER.prepare(text, None).bind(variables, identity).run(database)
    codes = {(str(error.path[0]) if error.path else ""): error.extensions for error in result.errors or ()}
    return orjson.loads(orjson.dumps(result.data)), codes


# One document for each module, since each is compiled once.
SEEN = "query ($ids: [ID!]!) { viewer { capabilities { module actions { action scopes } } } nodes(ids: $ids) { id } }"


@cache
def reading(module: Module) -> str:
    """Everything that one sees of a module, and the capabilities."""
    return f"{{ {plural_field(module)}(first: 100) {{ totalCount nodes {{ {_row(module)} }} }} }}"


def _row(module: Module) -> str:
    flags = " ".join(can(action) for action in REGISTRY.buttons(module))
    return f"id {'sensitive { __typename }' if module.sensitive else ''} access {{ {flags} }}"


async def read(database: Database, built: Built, world: World, member: Member) -> set[tuple[str, str]]:
    """Action and row of everything that reading tells of."""
    ids = {
        str(GlobalId(REGISTRY.by_name[row.module].type_name, built.row(account, row.name))): row.name
        for account, row in world.rows
    }
    found = set()
    for module in modules_of(world):
        data, codes = await asked(database, built, member, reading(module))
        connection = data and data[plural_field(module)]
        if connection is None:
            assert codes[plural_field(module)]["code"] == "FORBIDDEN"
            continue
        assert connection["totalCount"] == len(connection["nodes"])
        for node in connection["nodes"]:
            name = ids[node["id"]]
            found.add(("view", name))
            found |= {(action, name) for action in oracle.ACTIONS if node["access"].get(can(action))}
            assert bool(node.get("sensitive")) == node["access"].get(can("view_sensitive"), False)
    data, _ = await asked(database, built, member, SEEN, {"ids": list(ids)})
    assert [node and node["id"] for node in data["nodes"]] == [
        key if ("view", name) in found else None for key, name in ids.items()
    ]
    assert oracle.said(world.here, member) == {
        (each["module"], action["action"], scope)
        for each in data["viewer"]["capabilities"]
        for action in each["actions"]
        for scope in action["scopes"]
    }
    return found


async def write(
    database: Database, built: Built, world: World, number: int, verdicts: dict[tuple[str, str], bool]
) -> None:
    """Try each row with the mutations, for each member of the world with another third of the rows."""
    member = world.here.members[number]
    for account, row in world.rows[number % 3 :: 3]:
        module = REGISTRY.by_name[row.module]
        key = GlobalId(module.type_name, built.row(account, row.name))
        data, codes = await asked(
            database, built, member, writing(module), {"id": str(key), "me": f"Person:{built.user(member.user)}"}
        )
        refusal = "FORBIDDEN" if verdicts["view", row.name] else "NOT_FOUND"
        for action, answer in data.items():
            allowed = verdicts[action, row.name]
            note(f"  {action} {row.name}: {codes.get(action)}")
            assert (answer is not None) == allowed
            assert allowed or codes[action]["code"] == refusal
