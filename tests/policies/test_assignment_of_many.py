"""Who may hand many rows over, by the same matrix as one row (O4 to O6), and what is answered of each (O5)."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
import pytest

from schema.assignments import ASSIGNED, assignment_name
from schema.modules import REGISTRY
from schema.names import GlobalId
from schema.registry import Kind, Module
from tests.policies.conftest import Play
from tests.policies.test_assignment import OFFICE, TABLE, TARGETS, WHO
from tests.support.model import Account, Cell, Member, Row

pytestmark = pytest.mark.any_server

WHOSE = ("mine", "pool")
Answer = dict[str, Any]


def rows() -> Iterator[Row]:
    for module in ASSIGNED:
        for who in WHO:
            yield Row(f"{module.name} mine {who}", module.name, "root", who, ("north",))
            yield Row(
                f"{module.name} pool {who}", module.name, "root", None, ("north",), open=module.kind is Kind.ASSET
            )


KEEPER: frozenset[Cell] = frozenset({("deals", "view", "owned"), ("deals", "assign", "owned")})
COMPANY = replace(
    OFFICE,
    name="works",
    members=(*OFFICE.members, Member("blind", "blind", "north"), Member("keeper", "keeper", "north")),
    roles=(
        *OFFICE.roles,
        ("blind", frozenset({("deals", "view", "created"), ("deals", "assign", "owned")})),
        ("keeper", KEEPER),
    ),
    rows=(
        *rows(),
        *(
            Row(f"deals {whose} keeper", "deals", "root", owner, ("north",))
            for whose, owner in (("mine", "keeper"), ("pool", None))
        ),
    ),
)
RIVAL = Account(
    "rival", (Member("rita", "Owner", super_admin=True),), rows=(Row("foreign deal", "deals", "rita", "rita"),)
)


def cells() -> dict[tuple[str, str, str], str]:
    """How it ends, by whose row it is, who acts and what he does."""
    head, *lines = TABLE.strip().splitlines()
    return {
        (line.split()[0], line.split()[1], what): end
        for line in lines
        for what, end in zip(head.split(), line.split()[2:], strict=True)
    }


ENDS = cells()


@pytest.fixture(scope="module")
async def works(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(COMPANY, RIVAL)
    return play


def change(play: Play, module: Module, what: str) -> dict[str, object]:
    """What a column of the matrix says, as the function takes it."""
    asset = module.kind is Kind.ASSET
    match what.split("_"):
        case ["to", _]:
            target = TARGETS[what]
            return {"owner": str(play.built.user(target)) if target else None}
        case ["into", _]:
            team = str(play.team(str(TARGETS[what])))
            return {"teams": [team]} if asset else {"team": team}
        case _:
            return {"restricted": False} if asset else {"open": True}


async def assigned(
    play: Play, who: str, module: str, given: Mapping[str, object], ids: list[UUID], *, partial: bool = True
) -> Answer:
    """What the function answers a member, undone."""
    async with play.acting(who) as connection:
        answer = await connection.fetchval(
            "select access.assign_many($1, $2, $3, $4)", module, json.dumps(given), ids, partial
        )
        await connection.execute("set constraints all immediate")
    found: Answer = json.loads(answer)
    return found


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("module", ASSIGNED, ids=lambda module: module.name)
async def test_each_row_of_many_is_judged_as_a_single_one(works: Play, module: Module, who: str) -> None:
    """O4, O5, O6: the matrix of test_assignment.py, with a row that is not there beside each that is."""
    absent = uuid4()
    for whose in WHOSE:
        row = works.row(f"{module.name} {whose} {who}")
        assert row in await works.sees("root", module.name)
        for what in TARGETS:
            end = ENDS[whose, who, what]
            given = change(works, module, what)
            if end == "N":
                with pytest.raises(asyncpg.PostgresError) as refused:
                    await assigned(works, who, module.name, given, [row, absent])
                assert refused.value.sqlstate == "U0404", what
                continue
            answer = await assigned(works, who, module.name, given, [row, absent])
            codes = {refusal["row"]: refusal["code"] for refusal in answer["refusals"]}
            nothing_there = {str(absent): "NOT_FOUND"}
            assert codes == (nothing_there if end == "+" else {**nothing_there, str(row): "FORBIDDEN"}), what
            assert answer["changed"] + answer["unchanged"] == (end == "+"), what


FORM = REGISTRY.by_name["forms"]
DEAL = REGISTRY.by_name["deals"]


def ids_of(play: Play, module: str, who: str) -> list[UUID]:
    return [play.row(f"{module} {whose} {who}") for whose in WHOSE]


async def test_it_is_all_or_nothing_unless_the_partial_form_is_asked_for(works: Play) -> None:
    """O5: what one row is refused undoes the others, and the error tells which."""
    mine, pool = ids_of(works, "deals", "owned")
    given = change(works, DEAL, "to_peer")
    assert {mine, pool} <= await works.sees("owned", "deals")

    answer = await assigned(works, "owned", "deals", given, [mine, pool])
    assert (answer["changed"], answer["refused"]) == (1, 1)
    async with works.acting("owned") as connection:
        with pytest.raises(asyncpg.PostgresError) as refused:
            async with connection.transaction():
                await connection.fetchval(
                    "select access.assign_many('deals', $1, $2)", json.dumps(given), [mine, pool, uuid4()]
                )
        owners = await connection.fetch("select owner_id from crm.deals where id = any ($1)", [mine, pool])

    assert {row["owner_id"] for row in owners} == {works.built.user("owned"), None}
    assert refused.value.sqlstate == "U0403"
    detail = json.loads(str(refused.value.detail))
    assert detail["refusedCount"] == 2
    assert {"id": f"Deal:{pool}", "code": "FORBIDDEN"} in detail["refused"]


async def test_rows_that_are_hidden_are_refused_as_those_that_are_not_there(works: Play) -> None:
    """T1, O5: of another account, beyond one's scopes, or nothing at all: one answer."""
    foreign, absent = works.built.row("rival", "foreign deal"), uuid4()
    assert foreign in {
        row["id"] for row in await works.admin.fetch("select id from crm.deals where account_id <> $1", works.account)
    }
    beyond = works.row("deals mine team")
    assert beyond in await works.sees("root", "deals")
    assert beyond not in await works.sees("blind", "deals")
    given = {"owner": None}

    answer = await assigned(works, "blind", "deals", given, [foreign, absent, beyond])

    assert answer["changed"] == 0
    assert {(refusal["row"], refusal["code"]) for refusal in answer["refusals"]} == {
        (str(each), "NOT_FOUND") for each in (foreign, absent, beyond)
    }
    for row in (foreign, absent, beyond):
        with pytest.raises(asyncpg.PostgresError) as refused:
            await assigned(works, "blind", "deals", given, [row], partial=False)
        detail = str(refused.value.detail).replace(str(row), "ID")
        assert (refused.value.sqlstate, json.loads(detail)["refused"]) == (
            "U0404",
            [{"id": "Deal:ID", "code": "NOT_FOUND"}],
        )


class Case(NamedTuple):
    """Teams of a row before, what is asked for, and its teams after it."""

    before: tuple[str, ...]
    mode: str | None
    given: tuple[str, ...]
    after: tuple[str, ...]


MODES = [
    Case(("north",), "replace", ("oslo",), ("oslo",)),
    Case(("north", "oslo"), "replace", (), ()),
    Case(("north",), "add", ("oslo",), ("north", "oslo")),
    Case(("north", "oslo"), "add", ("oslo",), ("north", "oslo")),
    Case(("north", "oslo"), "remove", ("oslo", "south"), ("north",)),
    Case(("north",), "remove", ("north",), ()),
    Case(("north",), None, ("south", "oslo", "south"), ("oslo", "south")),
]


@pytest.mark.parametrize("case", MODES, ids=lambda case: f"{case.mode}-{'-'.join(case.before)}-{'-'.join(case.given)}")
@pytest.mark.parametrize("module", ["forms", "landing_pages"])
async def test_teams_of_an_asset_are_replaced_added_to_or_taken_away(works: Play, module: str, case: Case) -> None:
    """O5."""
    ids = ids_of(works, module, "owner")
    mode = {"mode": case.mode} if case.mode else {}
    wish = {"teams": [str(works.team(team)) for team in case.given], **mode}
    held, expected = (sorted(works.team(team) for team in teams) for teams in (case.before, case.after))
    assign = f"select access.assign_many('{module}', $1, $2)"
    async with works.acting("owner") as connection:
        await connection.fetchval(assign, json.dumps({"teams": [str(team) for team in held]}), ids)
        answer = json.loads(await connection.fetchval(assign, json.dumps(wish), ids))
        found = await connection.fetch(f"select team_ids from crm.{module} where id = any ($1)", ids)

    assert [sorted(row["team_ids"]) for row in found] == [expected, expected]
    assert (answer["changed"], answer["unchanged"]) == ((0, 2) if expected == held else (2, 0))


async def test_what_is_so_already_is_not_written(works: Play) -> None:
    mine, pool = ids_of(works, "deals", "all")
    async with works.acting("all") as connection:
        answer = json.loads(
            await connection.fetchval(
                "select access.assign_many('deals', $1, $2)",
                json.dumps({"owner": str(works.built.user("all"))}),
                [mine, pool],
            )
        )
        versions = await connection.fetch("select id, version from crm.deals where id = any ($1)", [mine, pool])

    assert (answer["changed"], answer["unchanged"]) == (1, 1)
    assert {row["id"]: row["version"] for row in versions} == {mine: 1, pool: 2}


async def test_it_is_told_how_many_rows_are_out_of_sight_then(works: Play) -> None:
    ids = ids_of(works, "deals", "keeper")
    answer = await assigned(works, "keeper", "deals", {"owner": str(works.built.user("peer"))}, ids[:1])

    assert (answer["changed"], answer["hidden"]) == (1, 1)


@pytest.mark.parametrize(
    ("module", "given", "field"),
    [
        ("deals", {}, "change"),
        ("deals", {"team": None}, "change"),
        ("deals", {"teams": []}, "change"),
        ("deals", {"restricted": True}, "change"),
        ("forms", {"open": True}, "change"),
        ("forms", {"mode": "add"}, "change"),
        ("forms", {"teams": [], "mode": "drop"}, "mode"),
        ("forms", {"teams": "all"}, "teams"),
        ("forms", {"teams": [None]}, "teams"),
        ("messages", {"owner": None}, "module"),
        ("teams", {"owner": None}, "module"),
    ],
)
async def test_an_assignment_that_is_none_is_refused(
    works: Play, module: str, given: dict[str, object], field: str
) -> None:
    for function, more in (("assign_many", ", true"), ("start_assignment", "")):
        async with works.acting("owner") as connection:
            with pytest.raises(asyncpg.PostgresError) as refused:
                await connection.execute(
                    f"select access.{function}($1, $2, $3{more})", module, json.dumps(given), [uuid4()]
                )
        assert (refused.value.sqlstate, list(json.loads(str(refused.value.detail))["fields"])) == ("U0400", [field])


async def test_there_are_bounds(works: Play) -> None:
    """Of one call, and of a job, for SQL by hand too."""
    given = json.dumps({"owner": None})
    many = "array(select gen_random_uuid() from generate_series(1, {}))"
    for statement, limit in (
        (f"select access.assign_many('deals', $1, {many.format(5001)}, true)", "assigned_rows"),
        (f"select access.start_assignment('deals', $1, {many.format(1_000_001)})", "job_rows"),
    ):
        async with works.acting("owner") as connection:
            with pytest.raises(asyncpg.PostgresError) as refused:
                await connection.execute(statement, given)
        assert (refused.value.sqlstate, json.loads(str(refused.value.detail))["limit"]) == ("U0413", limit)
    assert (
        await works.done("owner", f"select access.assign_many('deals', $1, {many.format(5000)}, true)", given) == "done"
    )


@pytest.mark.parametrize(
    "given", [{"teams": ["oslo"]}, {"restricted": True}, {"teams": ["oslo"], "mode": "add"}], ids=str
)
async def test_below_the_tier_rows_are_given_no_teams(play: Play, given: dict[str, Any]) -> None:
    """Section 4: each verdict names the tier; what undoes an assignment is let through."""
    await play.begin(replace(COMPANY, name="small"), tier="free")
    row = play.row("forms pool owner")
    if "teams" in given:
        given = {**given, "teams": [str(play.team(team)) for team in given["teams"]]}

    answer = await assigned(play, "owner", "forms", given, [row])
    assert answer["refusals"] == [{"row": str(row), "code": "FORBIDDEN", "tier": "professional"}]
    with pytest.raises(asyncpg.PostgresError) as refused:
        await assigned(play, "owner", "forms", given, [row], partial=False)
    assert (refused.value.sqlstate, json.loads(str(refused.value.detail))["tier"]) == ("U0403", "professional")
    undone = await assigned(play, "owner", "forms", {"restricted": False}, [play.row("forms mine owner")])
    assert undone["changed"] == 1


def mutation(module: Module) -> str:
    name = assignment_name(module)
    return f"""mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{
      changed unchanged hidden refusedCount refused {{ id code message module action tier }} job {{ id }}
    }} }}"""


@pytest.mark.parametrize("module", ASSIGNED, ids=lambda module: module.name)
async def test_every_module_by_ids_and_by_filter_in_graphql(works: Play, module: Module) -> None:
    """O5: a filter means the rows that one sees and that match it."""
    ids = [str(GlobalId(module.type_name, row)) for row in ids_of(works, module.name, "team")]
    absent = str(GlobalId(module.type_name, uuid4()))
    wish = {"ownerId": f"Person:{works.built.user('peer')}", "partial": True}
    name = assignment_name(module)

    data, codes = await works.asks("team", mutation(module), {"input": {**wish, "ids": [*ids, absent]}})

    assert codes == {}
    assert data[name] == {
        "changed": 2,
        "unchanged": 0,
        "hidden": 0,
        "refusedCount": 1,
        "refused": [
            {
                "id": absent,
                "code": "NOT_FOUND",
                "message": "There is no such row, or you may not see it.",
                "module": module.name,
                "action": None,
                "tier": None,
            }
        ],
        "job": None,
    }
    where = {"ownerId": {"eq": f"Person:{works.built.user('team')}"}}
    data, codes = await works.asks("team", mutation(module), {"input": {**wish, "where": where}})
    assert (codes, data[name]["changed"], data[name]["refusedCount"]) == ({}, 1, 0)
    data, codes = await works.asks("views", mutation(module), {"input": {**wish, "where": {}}})
    assert (codes, data[name]["changed"], data[name]["refusedCount"]) == ({}, 0, 2 * len(WHO) + (module is DEAL) * 2)
    assert {refusal["code"] for refusal in data[name]["refused"]} == {"FORBIDDEN"}


async def test_a_refusal_of_all_says_which_in_graphql(works: Play) -> None:
    mine, pool = (f"Deal:{row}" for row in ids_of(works, "deals", "owned"))
    wish = {"ids": [mine, pool], "ownerId": f"Person:{works.built.user('peer')}"}

    data, refused = await works.answers("owned", mutation(DEAL), {"input": wish})

    assert data == {"assignDeals": None}
    assert refused["assignDeals"] == {
        "code": "FORBIDDEN",
        "module": "deals",
        "action": "assign",
        "requestable": True,
        "refused": [{"id": pool, "code": "FORBIDDEN"}],
        "refusedCount": 1,
    }


@pytest.mark.parametrize(
    ("wish", "fields"),
    [
        ({"ownerId": None}, ["ids"]),
        ({"ids": [], "where": {}, "ownerId": None}, ["ids"]),
        ({"where": {"name": None}, "ownerId": None}, ["where.name"]),
        ({"ids": ["Form:1"], "ownerId": None}, ["ids"]),
        ({"ids": [], "ownerId": "Team:1"}, ["ownerId"]),
        ({"ids": [], "teamId": None}, ["teamId"]),
        ({"ids": [], "openToAll": None}, ["openToAll"]),
        ({"ids": [], "ownerId": None, "background": True}, ["partial"]),
        ({"ids": [], "ownerId": None, "reason": "x" * 1001}, ["reason"]),
        ({"ids": [f"Deal:{UUID(int=0)}"] * 1001, "ownerId": None}, ["ids"]),
    ],
    ids=lambda value: "-".join(f"{name}={value[name]}"[:20] for name in value) if isinstance(value, dict) else value[0],
)
async def test_what_is_wrong_with_an_input_is_said_of_its_field(
    works: Play, wish: dict[str, Any], fields: list[str]
) -> None:
    refused = await works.refusal("owner", mutation(DEAL), {"input": wish})

    assert (refused["code"], list(refused["fields"])) == ("BAD_USER_INPUT", fields)


async def test_a_filter_asks_no_module_that_one_does_not_view(works: Play) -> None:
    """What is hidden would count as not there, and a `none` would mean every row."""
    wish: dict[str, Any] = {"where": {"contacts": {"none": {}}}, "ownerId": None, "partial": True}

    refused = await works.refusal("keeper", mutation(DEAL), {"input": wish})

    assert (refused["code"], refused["module"], refused["action"]) == ("FORBIDDEN", "contacts", "view")


async def test_the_history_says_who_and_why_of_each_row(works: Play) -> None:
    """X5: as for a single one; and what belongs to a row goes with it."""
    ids = ids_of(works, "deals", "owner")
    async with works.acting("owner") as connection:
        await connection.execute(
            "insert into crm.interactions (kind, subject, deal_id) values ('call', 'A call', $1)", ids[0]
        )
        await connection.execute("select access.because('Peer takes over')")
        await connection.fetchval(
            "select access.assign_many('deals', $1, $2)", json.dumps({"owner": str(works.built.user("peer"))}), ids
        )
        owner = await connection.fetchval("select owner_id from crm.interactions where deal_id = $1", ids[0])
        logged = await connection.fetch(
            "select row_id, actor, reason from access.access_log where kind = 'assignment' and row_id = any ($1)", ids
        )

    assert owner == works.built.user("peer")
    assert {tuple(row) for row in logged} == {(row, works.built.user("owner"), "Peer takes over") for row in ids}


async def test_a_dry_run_says_who_would_gain_and_lose_and_changes_nothing(works: Play) -> None:
    """X2: also of what is refused; nothing of it stays."""
    ids = [f"Deal:{row}" for row in ids_of(works, "deals", "owner")]
    wish = {"ids": ids, "ownerId": f"Person:{works.built.user('keeper')}", "dryRun": True}
    text = """mutation ($input: AssignDealsInput!) { assignDeals(input: $input) {
      changed preview { members changes { person { id } module action gained lost } } } }"""

    data, codes = await works.asks("owner", text, {"input": wish})

    assert codes == {}
    assert data["assignDeals"]["changed"] == 2
    gained = [
        (change["action"], change["gained"])
        for change in data["assignDeals"]["preview"]["changes"]
        if (change["person"] or {}).get("id") == f"Person:{works.built.user('keeper')}"
    ]
    assert sorted(gained) == [("assign", 2), ("view", 2)]
    owners = await works.admin.fetch(
        "select owner_id from crm.deals where id = any ($1)", ids_of(works, "deals", "owner")
    )
    assert {row["owner_id"] for row in owners} == {works.built.user("owner"), None}
    refused = await works.refusal("owner", text, {"input": {**wish, "partial": True, "background": True}})
    assert (refused["code"], list(refused["fields"])) == ("BAD_USER_INPUT", ["dryRun"])
