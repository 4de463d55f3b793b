"""The trash: who lists and restores whose deleted rows, in every module; what changed meanwhile; two at once."""

import asyncio
from collections import defaultdict
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.registry import Module
from tests.database.live import WAITS, eventually
from tests.database.world import rolled_back
from tests.policies.company import ACME, RIVAL, every, possible
from tests.policies.conftest import IN, Play, Stage
from tests.policies.tables import Case, cases
from tests.support.model import Account, Member, Row, Team

pytestmark = pytest.mark.any_server

EACH = pytest.mark.parametrize("module", REGISTRY.modules, ids=[module.name for module in REGISTRY.modules])


@EACH
async def test_whoever_could_delete_a_row_lists_and_restores_it(stage: Stage, module: Module) -> None:
    """O1 to O7, C4, T1: every line of the module's matrix. Who could not finds nothing, as if nothing were there."""
    needed = module.needed("delete")
    lines: dict[tuple[str, str], list[Case]] = defaultdict(list)
    for case in cases(module):
        if case.account in (ACME, RIVAL) and IN[case.account].member(case.who).active:
            lines[case.account, case.who].append(case)
    admin = stage.admin
    restored = 0
    async with rolled_back(admin):
        await admin.execute("set local role cloison_engine")
        for link in module.parents[:1]:
            # What the rows belong to, which the company has not: theirs alike.
            parent = REGISTRY.by_name[link.target]
            same = ", ".join(["account_id", "created_by", *parent.own_columns])
            await admin.execute(
                f"insert into {parent.table} (id, {parent.label}, {same}) select {link.column}, 'x', {same}"
                f" from {module.table} on conflict do nothing"
            )
        await admin.execute(f"delete from {module.table}; reset role")
        for (account, who), line in lines.items():
            ids = stage.rows(module.name, account, who, tuple(case.whose for case in line))
            mine = {ids[case.whose] for case in line if needed in case.allowed}
            async with rolled_back(admin):
                await admin.execute("set local session authorization cloison_gateway")
                visitor = stage.visitor(account, who)
                await admin.fetchval("select access.enter($1, $2)", visitor.slug, visitor.user)
                listed = await admin.fetch("select row_id from access.trash where module = $1", module.name)
                assert {row["row_id"] for row in listed} & set(ids.values()) == mine, (account, who)
                for row in ids.values():
                    verdict = await tried(admin, f"select access.restore_{module.name}($1)", row)
                    assert (verdict == "done") is (row in mine), (account, who, row, verdict)
                    assert verdict in ("done", "U0403", "U0404")
                    restored += verdict == "done"
    assert (restored > 0) is (needed in possible(module))


async def tried(admin: "asyncpg.Connection[asyncpg.Record]", statement: str, *values: Any) -> str:
    """`done`, or the SQLSTATE; then undone."""
    try:
        async with rolled_back(admin):
            await admin.execute(statement, *values)
    except asyncpg.PostgresError as error:
        return error.sqlstate or ""
    return "done"


OFFICE = Account(
    "office",
    (
        Member("root", "Owner", "north", super_admin=True),
        Member("ada", "all", "north"),
        Member("bea", "all", "south"),
        Member("cleo", "deals", "south"),
        Member("rita", "viewer", "north"),
        Member("gone", "viewer", "north"),
    ),
    (Team("north"), Team("south"), Team("old")),
    (
        ("all", every("view delete", "all")),
        ("deals", frozenset({("deals", "delete", "all"), ("interactions", "delete", "all")})),
        ("viewer", every("view", "all")),
    ),
    rows=(
        Row("deal", "deals", "root", "gone", ("old",)),
        Row("other deal", "deals", "root", "root", ("north",)),
        Row("company", "companies", "root", "root", ("north",)),
        Row("page", "landing_pages", "root", "root", ("north", "old")),
        Row("contact", "contacts", "root", "root", ("north",)),
    ),
)
RESTORE = """mutation ($id: ID!) { restored: restoreDeal(input: {id: $id}) {
  id visible notRestored deal { name owner { name } company { name } } } }"""
BLIND = "mutation ($id: ID!) { restored: restoreDeal(input: {id: $id}) { visible notRestored deal { name } } }"
LIST = """query ($where: TrashWhere, $after: String) { trash(where: $where, first: 2, after: $after) {
  totalCount pageInfo { hasNextPage endCursor }
  nodes { module rowId label owner { name } deletedBy { name } operator deletedAt content sensitive } } }"""


@pytest.fixture
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    await as_it_is(play, "update crm.deals set company_id = $1 where id = $2", play.row("company"), play.row("deal"))
    return play


async def as_it_is(play: Play, statement: str, *values: Any) -> None:
    async with play.admin.transaction():
        await play.admin.execute("set local session_replication_role = replica")
        await play.admin.execute(statement, *values)


async def deletes(play: Play, who: str, module: str, row: str) -> UUID:
    found = play.row(row)
    assert await play.commits(who, f"delete from crm.{module} where id = $1", found) == "done"
    return found


async def test_an_owner_who_is_no_member_and_a_team_that_is_gone_are_left_out(office: Play) -> None:
    """The row comes back to nobody, and to no team: a removed member owns nothing."""
    deal = await deletes(office, "root", "deals", "deal")
    async with office.acting("root") as connection:
        assert await connection.fetchval("select access.restore_deals($1)", deal) == [], "so far all is as it was"
    await deletes(office, "root", "landing_pages", "page")
    await office.admin.execute("select access.remove_member($1, $2)", office.account, office.built.user("gone"))
    await office.admin.execute("select access.delete_team($1, $2)", office.account, office.team("old"))
    async with office.acting("root") as connection:
        assert await connection.fetchval("select access.restore_deals($1)", deal) == ["owner_id", "team_id"]
        found = await connection.fetchrow("select owner_id, team_id, created_by from crm.deals where id = $1", deal)
        assert found is not None
        assert tuple(found) == (None, None, office.built.user("root"))


async def test_a_deactivated_owner_keeps_a_row_that_comes_back(office: Play) -> None:
    """T10: nothing that they own changes."""
    deal = await deletes(office, "root", "deals", "deal")
    await office.admin.execute(
        "select access.set_status($1, $2, 'deactivated')", office.account, office.built.user("gone")
    )
    async with office.acting("root") as connection:
        assert await connection.fetchval("select access.restore_deals($1)", deal) == []
        owner = await connection.fetchval("select owner_id from crm.deals where id = $1", deal)
        assert owner == office.built.user("gone")


async def test_an_asset_stays_restricted_whatever_teams_and_tiers_there_are_by_now(office: Play) -> None:
    """O3: nothing becomes wider by itself, and nothing is lost."""
    page = await deletes(office, "root", "landing_pages", "page")
    await deletes(office, "root", "deals", "deal")
    await office.admin.execute("select access.delete_team($1, $2)", office.account, office.team("old"))
    await office.admin.execute("select access.set_account_tier($1, 'marketing', 'free')", office.account)
    async with office.acting("root") as connection:
        assert await connection.fetchval("select access.restore_landing_pages($1)", page) == ["team_ids"]
        found = await connection.fetchrow("select restricted, team_ids from crm.landing_pages where id = $1", page)
        assert found is not None
        assert tuple(found) == (True, [office.team("north")])


async def test_a_reference_to_what_is_hidden_is_left_out_like_one_to_what_is_gone(office: Play) -> None:
    """As in a copy: one refers to what one sees. Hidden and gone are told apart by nobody."""
    deal = await deletes(office, "root", "deals", "deal")
    answers = []
    for gone in (False, True):
        if gone:
            await deletes(office, "root", "companies", "company")
        data, errors = await office.answers("cleo", BLIND, {"id": f"Deal:{deal}"})
        assert errors == {}
        answers.append(data)
    assert answers[0] == answers[1]
    assert answers[0]["restored"]["notRestored"] == ["companyId"]
    async with office.acting("cleo") as connection:
        assert await connection.fetchval("select count(*) from crm.companies") == 0
    async with office.acting("root") as connection:
        await connection.execute("select access.restore_companies($1)", office.row("company"))
        assert await connection.fetchval("select access.restore_deals($1)", deal) == [], "root sees it"


async def test_what_comes_back_first_waits_for_what_it_referred_to(office: Play) -> None:
    deal, company = office.row("deal"), office.row("company")
    await deletes(office, "root", "deals", "deal")
    await deletes(office, "root", "companies", "company")
    async with office.acting("root") as connection:
        assert await connection.fetchval("select access.restore_deals($1)", deal) == ["company_id"]
        assert await connection.fetchval("select company_id from crm.deals where id = $1", deal) is None
        await connection.execute("select access.restore_companies($1)", company)
        assert await connection.fetchval("select company_id from crm.deals where id = $1", deal) == company


async def test_what_found_another_meanwhile_keeps_it(office: Play) -> None:
    deal, company = office.row("deal"), office.row("company")
    await deletes(office, "root", "companies", "company")
    async with office.acting("root") as connection:
        other = await connection.fetchval("insert into crm.companies (name) values ('other') returning id")
        await connection.execute("update crm.deals set company_id = $1 where id = $2", other, deal)
        await connection.execute("select access.restore_companies($1)", company)
        assert await connection.fetchval("select company_id from crm.deals where id = $1", deal) == other


async def test_what_belonged_to_a_row_waits_for_that_row(office: Play) -> None:
    """An interaction comes back with its deal; deleted before it, when the deal is there again and seen."""
    deal = office.row("other deal")
    made = "insert into crm.interactions (subject, deal_id) values ($1, $2)"
    assert await office.commits("root", made, "first", deal) == "done"
    assert await office.commits("root", made, "second", deal) == "done"
    assert await office.commits("root", "delete from crm.interactions where subject = 'first'") == "done"
    await deletes(office, "root", "deals", "other deal")
    async with office.acting("root") as connection:
        rows = await connection.fetch("select label, row_id from crm.trash where module = 'interactions'")
        assert [row["label"] for row in rows] == ["first"], "what went with the deal is with the deal"
        first = rows[0]["row_id"]
        error = await refusal(connection, "select access.restore_interactions($1)", first)
        assert (error.sqlstate, error.detail) == ("U0404", '{"field": "deal_id", "module": "deals"}')
        await connection.execute("select access.restore_deals($1)", deal)
        subjects = "select array_agg(subject order by subject) from crm.interactions"
        assert await connection.fetchval(subjects) == ["second"]
        await connection.execute("select access.restore_interactions($1)", first)
        assert await connection.fetchval(subjects) == ["first", "second"]


async def refusal(connection: Any, statement: str, *values: Any) -> asyncpg.PostgresError:
    with pytest.raises(asyncpg.PostgresError) as caught:
        async with connection.transaction():
            await connection.execute(statement, *values)
    return caught.value


async def test_two_who_restore_at_once_restore_it_once(office: Play) -> None:
    deal = await deletes(office, "root", "deals", "deal")
    second = await asyncpg.connect(office.database.gateway_dsn)
    try:
        first = office.gateway.transaction()
        await first.start()
        await office.gateway.execute(
            "select access.enter($1, $2)", office.built.slug("office"), office.built.user("ada")
        )
        await office.gateway.execute("select access.restore_deals($1)", deal)

        async def late() -> str:
            try:
                async with second.transaction():
                    slug = office.built.slug("office")
                    await second.execute("select access.enter($1, $2)", slug, office.built.user("bea"))
                    await second.execute("select access.restore_deals($1)", deal)
            except asyncpg.PostgresError as error:
                return error.sqlstate or ""
            return "done"

        waiting = asyncio.create_task(late())
        await eventually(office.admin, WAITS, second.get_server_pid())
        await first.commit()
        assert await waiting == "U0409", "it is there by now"
    finally:
        await second.close()
    assert await office.admin.fetchval("select count(*) from crm.deals where id = $1", deal) == 1
    assert await office.admin.fetchval("select count(*) from access.trash where row_id = $1", deal) == 0


async def test_purging_by_hand_is_for_who_may_delete(office: Play) -> None:
    deal = await deletes(office, "root", "deals", "deal")
    purge = "select access.purge_deals($1)"
    assert await office.done("rita", purge, deal) == "U0403"
    assert await office.done("ada", purge, UUID(int=1)) == "U0404"
    assert await office.commits("ada", purge, deal) == "done"
    assert await office.done("root", "select access.restore_deals($1)", deal) == "U0404"
    said = await office.admin.fetchrow(
        "select actor, after from access.access_log where kind = 'purge' and row_id = $1", deal
    )
    assert said is not None
    assert tuple(said) == (office.built.user("ada"), None)


async def test_the_trash_in_graphql_is_filtered_paged_and_denied(office: Play) -> None:
    for module, row in (("deals", "deal"), ("companies", "company"), ("landing_pages", "page")):
        await deletes(office, "root", module, row)
    data, errors = await office.answers("root", LIST)
    assert errors == {}
    page = data["trash"]
    assert page["totalCount"] == 3
    assert [node["module"] for node in page["nodes"]] == ["landing_pages", "companies"]
    assert page["nodes"][1]["rowId"] == f"Company:{office.row('company')}"
    assert page["nodes"][1]["label"] == "company"
    assert page["nodes"][1]["deletedBy"] == {"name": "root"}
    assert page["nodes"][1]["content"]["name"] == "company"
    rest, errors = await office.answers("root", LIST, {"after": page["pageInfo"]["endCursor"]})
    assert errors == {}
    assert [node["module"] for node in rest["trash"]["nodes"]] == ["deals"]
    assert "company_id" not in rest["trash"]["nodes"][0]["content"]
    person = f"Person:{office.built.user('gone')}"
    for where, count in (
        ({"module": "DEALS"}, 1),
        ({"owner": person}, 1),
        ({"deletedBy": person}, 0),
        ({"row": f"Company:{office.row('company')}"}, 1),
        ({"since": "2100-01-01T00:00:00Z"}, 0),
        ({"until": "2100-01-01T00:00:00Z", "module": "COMPANIES"}, 1),
    ):
        data, errors = await office.answers("root", LIST, {"where": where})
        assert errors == {}
        assert data["trash"]["totalCount"] == count, where
    for who, where, missing in (
        ("rita", {}, ("contacts", "delete")),
        ("cleo", {"module": "COMPANIES"}, ("companies", "delete")),
        ("ada", {"module": "PIPELINE_STAGES"}, ("pipelines", "configure")),
    ):
        data, errors = await office.answers(who, LIST, {"where": where})
        assert data == {"trash": None}
        assert errors["trash"]["code"] == "FORBIDDEN"
        assert (errors["trash"]["module"], errors["trash"]["action"]) == missing
    data, errors = await office.answers("cleo", LIST, {"where": {"module": "DEALS"}})
    assert data["trash"]["totalCount"] == 1


async def test_a_restore_in_graphql_answers_the_row(office: Play) -> None:
    deal = await deletes(office, "root", "deals", "deal")
    identifier = f"Deal:{deal}"
    data, errors = await office.answers("root", RESTORE, {"id": identifier})
    assert errors == {}
    assert data["restored"] == {
        "id": identifier,
        "visible": True,
        "notRestored": [],
        "deal": {"name": "deal", "owner": {"name": "gone"}, "company": {"name": "company"}},
    }
    assert (await office.asks("rita", RESTORE, {"id": identifier}))[1] == {"restored": "FORBIDDEN"}
    assert (await office.asks("root", RESTORE, {"id": f"Deal:{office.row('other deal')}"}))[1] == {
        "restored": "CONFLICT"
    }
    assert (await office.asks("root", RESTORE, {"id": f"Deal:{UUID(int=1)}"}))[1] == {"restored": "NOT_FOUND"}
    purge = "mutation ($id: ID!) { purgeDeal(input: {id: $id}) { purgedId } }"
    assert (await office.asks("root", purge, {"id": identifier}))[0] == {"purgeDeal": {"purgedId": identifier}}
