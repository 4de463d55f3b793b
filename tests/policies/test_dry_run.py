"""Dry runs: what they say is what the change then does, and nothing of them stays (X2)."""

import re
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any
from uuid import UUID

import orjson
import pytest

from resolvers.session import Database, Identity, PoolOptions
from schema.administration import ADMINISTRATION
from schema.modules import REGISTRY
from schema.verbs import PREVIEWED
from tests.policies.administering import DONE, IDS, Office, furnished, known
from tests.policies.conftest import COMPILER, Play
from tests.policies.test_administration import OFFICE
from tests.support.model import Row, Share
from tests.support.reached import Reached, difference, predicted, reached

pytestmark = pytest.mark.any_server

PREVIEW = """preview {
  members lines
  totals { module action gaining losing gained lost }
  changes {
    person { name } members module action gained lost held
    samplesGained { id label reason } samplesLost { id label reason }
  }
}"""
MODULES = ("deals", "companies", "documents", "interactions", "contacts", "pipelines")
PEOPLE = ("strong", "weak", "none", "equal", "greater", "greater_by_team", "once_equal")


def rows() -> tuple[Row, ...]:
    """Rows of each kind, of each team and of none, of several people."""
    made = []
    for number, team in enumerate([None, "region", "north", "oslo", "bergen", "south", "desk"]):
        for place, module in enumerate(("deals", "companies", "documents", "interactions")):
            for turn in range(2):
                owner = PEOPLE[(number + place + turn) % len(PEOPLE)] if (number + turn) % 3 else None
                made.append(
                    Row(
                        f"{module} {team} {turn}",
                        module,
                        creator=PEOPLE[(number * 2 + turn) % len(PEOPLE)],
                        owner=owner,
                        teams=(team,) if team else (),
                        open=team is None and turn == 1,
                    )
                )
    # Of which some of the interactions are.
    for name, team in (("parent of interactions north 0", "north"), ("parent of interactions desk 1", "desk")):
        made.append(Row(name, "contacts", creator="root", owner="strong", teams=(team,)))
    return tuple(made)


# More than the two modules of the office, so that rows of every kind are concerned.
WIDE = frozenset(
    (module, action, "team")
    for module, action in (
        ("deals", "view"),
        ("deals", "update"),
        ("documents", "view"),
        ("interactions", "view"),
        ("contacts", "view"),
    )
)
LIVELY = replace(
    OFFICE,
    rows=rows(),
    roles=tuple((name, cells | (WIDE if name in ("deals", "nearby") else frozenset())) for name, cells in OFFICE.roles),
    shares=(
        Share("deals south 0", ("update",), user="equal"),
        Share("documents desk 1", ("view",), team="oslo"),
        Share("companies south 1", ("view",), user="greater"),
    ),
)


@pytest.fixture
async def real(playground: Play) -> AsyncIterator[Database]:
    """A pool whose commits are commits."""
    async with Database.connected(playground.database.gateway_dsn, PoolOptions(min_size=1, max_size=2)) as pool:
        yield pool


async def ask(play: Play, pool: Database, who: str, text: str, given: dict[str, Any]) -> tuple[Any, list[Any]]:
    """A mutation, for good unless it is a dry run: the payload and the errors."""
    identity = Identity(play.built.slug(play.here), play.built.user(who))
    result = await COMPILER.prepare(text, None).bind({"input": given}, identity).run(pool)
    data = orjson.loads(orjson.dumps(result.data))
    return next(iter(data.values())), [error.formatted for error in result.errors]


async def members(play: Play) -> dict[str, UUID]:
    """Everybody who is or was of the account, by name."""
    found = await play.admin.fetch("select name, user_id from access.member where account_id = $1", play.account)
    return {row["name"]: row["user_id"] for row in found}


async def everybody(play: Play, modules: tuple[str, ...] = MODULES) -> Reached:
    return await reached(play.gateway, play.built.slug(play.here), (await members(play)).values(), modules)


LEFT = """select jsonb_build_object(
  'log', (select count(*) from access.access_log), 'past', (select count(*) from access_private.past_assignment),
  'logins', (select count(*) from access_private.login_change where pending),
  'outbox', (select count(*) from access.outbox),
  'previews', (select count(*) from access_private.preview),
  'profiles', (select jsonb_agg(s order by s.account_id, s.user_id) from access_private.session_profile s),
  'roles', (select count(*) from pg_catalog.pg_roles where rolname like 'cloison\\_p\\_%'),
  'members', (select jsonb_agg(m order by m.account_id, m.user_id, m.valid) from access.membership m),
  'teams', (select jsonb_agg(t order by t.account_id, t.id) from access.team t),
  'edges', (select jsonb_agg(e order by e.account_id, e.team_id, e.valid) from access.team_edge e),
  'cells', (select count(*) from access.role_cell), 'shares', (select jsonb_agg(s order by s.id) from access.share s),
  'deals', (select jsonb_agg(d order by d.id) from crm.deals d)
)::text"""


async def compared(
    play: Play, real: Database, text: str, given: dict[str, Any], modules: tuple[str, ...] = MODULES
) -> dict[str, Any]:
    """Try a change, and make it: what was said is what comes. The preview."""
    before = await everybody(play, modules)
    left = await play.admin.fetchval(LEFT)
    tried, errors = await ask(play, real, "root", text, {**given, "dryRun": True})
    assert errors == []
    assert await play.admin.fetchval(LEFT) == left
    done, errors = await ask(play, real, "root", text, given)
    assert errors == []
    assert done["preview"] is None
    assert {key for key in tried if key != "preview"} == {key for key in done if key != "preview"}
    people = await members(play)
    changed = difference(before, await everybody(play, modules))
    told = predicted(tried["preview"], people)
    assert told == {key: (len(gained), len(lost)) for key, (gained, lost) in changed.items()}
    for line in tried["preview"]["changes"]:
        name_ = line["person"]["name"] if line["person"] else "New"
        gained, lost = changed.get((people[name_], line["module"], line["action"]), (frozenset(), frozenset()))
        for samples, rows_ in ((line["samplesGained"], gained), (line["samplesLost"], lost)):
            assert {UUID(sample["id"].partition(":")[2]) for sample in samples} <= rows_
    return dict(tried["preview"])


@pytest.mark.parametrize(("name", "given"), [(name, given) for name, given, *_ in DONE], ids=IDS)
async def test_what_is_said_is_what_comes(play: Play, real: Database, name: str, given: dict[str, Any]) -> None:
    """Every administrative mutation: tests/policies/test_administering.py fails where one is not among these."""
    office = await furnished(Office(**vars(play)), LIVELY)
    text = (
        f"mutation ($input: {ADMINISTRATION[name].input_name}!) {{ {name}(input: $input) {{ __typename {PREVIEW} }} }}"
    )
    given = {key: known(office, value) for key, value in given.items()}
    if "email" in given:
        given["email"] = f"new-{office.built.salt.hex[:8]}@office.example"
    await compared(office, real, text, given)


WRITES: dict[str, tuple[str, str, dict[str, Any]]] = {
    "owner": ("assignDeal", "deals desk 0", {"ownerId": "person weak"}),
    "nobody": ("assignDeal", "deals oslo 0", {"ownerId": None}),
    "team": ("assignDeal", "deals north 1", {"teamId": "team south"}),
    "open": ("assignDeal", "deals south 1", {"openToAll": True}),
    "both": ("assignDeal", "deals desk 1", {"ownerId": "person equal", "teamId": "team bergen"}),
    "with what belongs to it": ("assignContact", "parent of interactions north 0", {"teamId": "team desk"}),
    "teams": ("assignDocument", "documents north 0", {"teamIds": ["team oslo", "team desk"]}),
    "restricted": ("assignDocument", "documents None 1", {"restricted": True}),
    "opened": ("assignDocument", "documents desk 0", {"restricted": False}),
    "shared with a user": ("shareDeal", "deals desk 0", {"userId": "person equal", "actions": ["update", "delete"]}),
    "shared with a team": ("shareDocument", "documents south 0", {"teamId": "team north", "actions": ["view"]}),
    "shared with what belongs to it": (
        "shareContact",
        "parent of interactions desk 1",
        {"userId": "person weak", "actions": ["view"]},
    ),
    "shared for less": ("shareDeal", "deals south 0", {"userId": "person equal", "actions": ["view"]}),
    "not shared": ("unshareDeal", "deals south 0", {"userId": "person equal"}),
    "not shared with a team": ("unshareDocument", "documents desk 1", {"teamId": "team oslo"}),
}


@pytest.mark.parametrize("case", WRITES)
async def test_of_one_row_too(play: Play, real: Database, case: str) -> None:
    """Whatever says who reaches a row: assigning and sharing it, and taking that back."""
    await play.begin(LIVELY)
    name, row, given = WRITES[case]
    module = next(each.module for each in LIVELY.rows if each.name == row)
    given = {key: known(Office(**vars(play)), value) for key, value in given.items()}
    given["id"] = f"{REGISTRY.by_name[module].type_name}:{play.row(row)}"
    input_name = f"{name[0].upper()}{name[1:]}Input"
    preview = await compared(
        play, real, f"mutation ($input: {input_name}!) {{ {name}(input: $input) {{ id {PREVIEW} }} }}", given
    )
    # Without an owner it stays where it is, and these roles reach it by its team.
    assert (preview["members"] > 0) is (case != "nobody")


@pytest.mark.parametrize(
    "which", [{"where": {}}, {"where": {"name": {"startsWith": "deals n"}}}, {"ids": ["deals desk 0", "deals oslo 1"]}]
)
async def test_of_many_rows_too(play: Play, real: Database, which: dict[str, Any]) -> None:
    await play.begin(LIVELY)
    given = {**which, "ownerId": f"Person:{play.built.user('weak')}", "teamId": f"Team:{play.team('desk')}"}
    if "ids" in which:
        given["ids"] = [f"Deal:{play.row(name)}" for name in which["ids"]]
    text = f"mutation ($input: AssignDealsInput!) {{ assignDeals(input: $input) {{ changed {PREVIEW} }} }}"
    assert (await compared(play, real, text, given))["members"] > 0


async def test_a_job_is_not_tried(play: Play, real: Database) -> None:
    await play.begin(LIVELY)
    text = "mutation ($input: AssignDealsInput!) { assignDeals(input: $input) { changed preview { members } } }"
    given: dict[str, Any] = {"where": {}, "ownerId": None, "partial": True, "background": True, "dryRun": True}
    payload, (error,) = await ask(play, real, "root", text, given)
    assert payload is None
    assert set(error["extensions"]["fields"]) == {"dryRun"}


def test_every_such_mutation_of_a_module_is_tried() -> None:
    assert {re.match("[a-z]+", name)[0] for name, *_ in WRITES.values()} == set(PREVIEWED)  # type: ignore[index]
