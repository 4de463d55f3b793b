"""A normalised cache of a front end (urql's) learns from payloads alone what a mutation has changed."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import orjson
import pytest

from tests.api.conftest import World, listening, settings_for, token
from tests.api.test_graphql_http import OLDEST_NODE, node_major, run

PACKAGE = Path(__file__).parents[1] / "graphql-cache"
CONTRACT = Path(__file__).parents[2] / "schema.graphql"

pytestmark = pytest.mark.skipif(node_major() < OLDEST_NODE, reason=f"needs Node {OLDEST_NODE} or later, and npm")

TREE = "{ teams { id name parent { id name } children { id name } } }"
DEALS = "{ deals(orderBy: [NAME_ASC]) { totalCount nodes { id name owner { id name } } } }"
ROLES = "{ roles { id name builtIn cells { module action scopes } } }"
MEMBERS = "{ members { nodes { id status role { id name } teams { isMain team { id name } } } } }"
SHARES = "{ deals(orderBy: [NAME_ASC]) { nodes { id shares { id actions user { id name } } } } }"


@dataclass
class Front:
    """A front end whose cache begins empty; what it asks first, and what it asks only its cache at the end."""

    directory: Path
    url: str
    token: str
    steps: list[dict[str, Any]] = field(default_factory=list)

    def asks(self, text: str, **variables: Any) -> "Front":
        """Over the network, unless the cache knows."""
        self.steps.append({"text": text, "variables": variables})
        return self

    def knows(self, text: str, **variables: Any) -> "Front":
        """From the cache alone."""
        self.steps.append({"text": text, "variables": variables, "policy": "cache-only"})
        return self

    def fetches(self, text: str, **variables: Any) -> "Front":
        """From the server, whatever the cache knows."""
        self.steps.append({"text": text, "variables": variables, "policy": "network-only"})
        return self

    async def answers(self) -> list[Any]:
        """What came of each step; none failed, and the cache alone made no request."""
        process = await asyncio.create_subprocess_exec(
            "node",
            "cache.mjs",
            self.url,
            str(CONTRACT),
            cwd=self.directory,
            env=os.environ | {"TOKEN": self.token},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate(orjson.dumps(self.steps))
        assert process.returncode == 0, err.decode()
        found = orjson.loads(out)
        assert [each["error"] for each in found] == [None] * len(found)
        for step, each in zip(self.steps, found, strict=True):
            assert each["requests"] == 0 if step.get("policy") == "cache-only" else True
        return [each["data"] for each in found]


@dataclass
class Office:
    """Ids by words: teams REGION > NORTH > OSLO, REGION > SOUTH; a ROLE; a MEMBER in north; a DEAL of the owner."""

    named: dict[str, str]


@pytest.fixture
async def office(world: World, admin: "asyncpg.Connection[asyncpg.Record]") -> Office:
    acme = await admin.fetchval("select id from access.account where slug = 'acme'")
    named = {}
    made: dict[str | None, UUID] = {}
    for name, parent in (("region", None), ("north", "region"), ("south", "region"), ("oslo", "north")):
        made[name] = await admin.fetchval("select access.create_team($1, $2, $3)", acme, name, made.get(parent))
        named[name.upper()] = f"Team:{made[name]}"
    some = uuid4().hex
    role = await admin.fetchval("select access.create_role($1, $2, '[]')", acme, some)
    member = await admin.fetchval(
        "select access.add_member($1, $2, 'Mia', $3, $4)", acme, f"{some}@acme.example", role, made["north"]
    )
    spare = await admin.fetchval("select access.create_role($1, $2, '[]')", acme, f"Spare {some}")
    deal = await admin.fetchval(
        "insert into crm.deals (account_id, name, owner_id, created_by) values ($1, 'Anchors', $2, $2) returning id",
        acme,
        world.owner.user,
    )
    return Office({**named, "ROLE": f"Role:{spare}", "MEMBER": f"Person:{member}", "DEAL": f"Deal:{deal}"})


@pytest.fixture(scope="module")
async def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = shutil.copytree(PACKAGE, tmp_path_factory.mktemp("cache") / "graphql-cache")
    await run("npm", "ci", "--ignore-scripts", cwd=directory)
    return Path(directory)


@pytest.fixture
async def front(world: World, installed: Path) -> AsyncIterator[Front]:
    async with listening(settings_for(world.database)) as (_, url):
        yield Front(installed, f"{url}/graphql", token(world.owner))


def test_the_lock_file_names_no_address() -> None:
    lock = (PACKAGE / "package-lock.json").read_text()

    assert '"integrity"' in lock
    assert "resolved" not in lock
    assert "://" not in lock


# A mutation, whose ids are words in capitals, and the list that has to show what it did.
CASES = (
    (
        "moveTeam(input: {teamId: OSLO, parentId: SOUTH})",
        "team { id parent { id name children { id name } } } formerParent { id children { id } }",
        TREE,
    ),
    (
        "moveTeams(input: {moves: [{teamId: OSLO, parentId: REGION}, {teamId: NORTH, parentId: OSLO}]})",
        "teams { id parent { id name } } parents { id children { id name } }",
        TREE,
    ),
    ('renameTeam(input: {teamId: OSLO, name: "Oslo"})', "team { id name }", TREE),
    (
        'createTeam(input: {name: "New", parentId: NORTH})',
        f"team {{ id parent {{ id children {{ id name }} }} }} query {TREE}",
        TREE,
    ),
    (
        "deleteTeam(input: {teamId: NORTH, moveToId: SOUTH})",
        "movedTo { id children { id parent { id name } } } formerParent { id children { id } } query { teams { id } }",
        TREE,
    ),
    (
        "deleteTeam(input: {teamId: NORTH, moveToId: SOUTH})",
        "members { id teams { isMain team { id name } } }",
        MEMBERS,
    ),
    (
        "mergeTeams(input: {teamIds: [NORTH], intoId: SOUTH})",
        "team { id children { id parent { id name } } } parents { id children { id } } query { teams { id } }",
        TREE,
    ),
    (
        "mergeTeams(input: {teamIds: [NORTH], intoId: SOUTH})",
        "members { id teams { isMain team { id name } } }",
        MEMBERS,
    ),
    (
        'setRoleCells(input: {roleId: ROLE, cells: [{module: "deals", action: "create"}]})',
        "role { id cells { module action scopes } }",
        ROLES,
    ),
    ('renameRole(input: {roleId: ROLE, name: "A clerk"})', "role { id name } query { roles { id } }", ROLES),
    ("deleteRole(input: {roleId: ROLE})", "deletedId query { roles { id } }", ROLES),
    ("changeRole(input: {memberId: MEMBER, roleId: ROLE})", "member { id role { id name } }", MEMBERS),
    (
        "leaveTeam(input: {memberId: MEMBER, teamId: NORTH})",
        "member { id teams { isMain team { id name } } }",
        MEMBERS,
    ),
    ("deactivateMember(input: {memberId: MEMBER})", "member { id status }", MEMBERS),
    ("removeMember(input: {memberId: MEMBER})", "removedId query { members { nodes { id } } }", MEMBERS),
    ('createDeal(input: {name: "Wings"})', f"deal {{ id }} query {DEALS}", DEALS),
    ('updateDeal(input: {id: DEAL, name: "Wheels"})', "deal { id name }", DEALS),
    ("assignDeal(input: {id: DEAL, ownerId: MEMBER})", "deal { id owner { id name } }", DEALS),
    ("deleteDeal(input: {id: DEAL})", f"deletedId query {DEALS}", DEALS),
    (
        'shareDeal(input: {id: DEAL, userId: MEMBER, actions: ["view"]})',
        "deal { id shares { id actions user { id name } } }",
        SHARES,
    ),
)


@pytest.mark.parametrize(
    ("mutation", "answered", "shown"),
    CASES,
    ids=[f"{text.partition('(')[0]}-{n}" for n, (text, *_) in enumerate(CASES)],
)
async def test_what_a_payload_answers_is_what_lists_show(
    front: Front, office: Office, mutation: str, answered: str, shown: str
) -> None:
    """The list from the cache after the mutation is what the server would answer now, and not what it was before."""
    for word, each in office.named.items():
        mutation = mutation.replace(word, f'"{each}"')
    before, _, after, truth = await (
        front.asks(shown).asks(f"mutation {{ {mutation} {{ {answered} }} }}").knows(shown).fetches(shown).answers()
    )
    assert after == truth
    assert after != before


async def test_sabotage_what_a_payload_is_not_asked_for_the_cache_does_not_know(front: Front, office: Office) -> None:
    """The harness sees what is stale."""
    mutation = f'mutation {{ moveTeam(input: {{teamId: "{office.named["OSLO"]}"}}) {{ formerParent {{ id }} }} }}'
    _, _, after, truth = await front.asks(TREE).asks(mutation).knows(TREE).fetches(TREE).answers()
    assert after != truth
