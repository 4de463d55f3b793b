"""Files of rows (C2, C8, C9): whose rows go in, how they are written, and how a file ends that cannot be finished."""

import asyncio
import csv
import datetime as dt
import io
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg
import httpx
import pytest

from gateway import export as export_endpoint, files
from resolvers import exports
from resolvers.compiler import exporting
from resolvers.export_forms import EXPORTED, form
from tests.api.conftest import Member, bearer, eventually, listening, settings_for, talking
from tests.conftest import Clone
from tests.support.databases import TestDatabase

pytestmark = pytest.mark.any_server

CROWD = 5000
ROLES: dict[str, list[tuple[str, str, list[str]]]] = {
    "exporter": [("contacts", "export", ["owned"]), ("contacts", "view", ["team"]), ("companies", "view", ["all"])],
    "viewer": [("contacts", "view", ["all"])],
    "masked": [("contacts", "export", ["all"]), ("contacts", "view_sensitive", ["owned"])],
    "reporter": [("reports", "export", ["all"])],
}


@dataclass
class Firm:
    """Members by name, and a company with contacts: of the exporter, of the viewer, and a crowd of the owner's."""

    database: TestDatabase
    account: UUID
    members: dict[str, Member] = field(default_factory=dict)


@pytest.fixture(scope="module")
def firm_database(clone: Clone) -> Iterator[TestDatabase]:
    with clone() as database:
        yield database


@pytest.fixture(scope="module")
async def firm(firm_database: TestDatabase) -> Firm:
    admin = await firm_database.connect()
    try:
        account = await admin.fetchval("select access.create_account('firm', 'Firm', 'olga@firm.example', 'Olga')")
        made = Firm(firm_database, account)
        owner = await admin.fetchval("select id from access.app_user where email = 'olga@firm.example'")
        made.members["owner"] = Member("firm", owner, 0)
        team = await admin.fetchval("select access.create_team($1, 'west')", account)
        for name, cells in ROLES.items():
            held = [{"module": module, "action": action, "scopes": scopes} for module, action, scopes in cells]
            role = await admin.fetchval("select access.create_role($1, $2, $3)", account, name, json.dumps(held))
            user = await admin.fetchval(
                "select access.add_member($1, $2, $3, $4, $5)", account, f"{name}@firm.example", name, role, team
            )
            made.members[name] = Member("firm", user, 0)
        await admin.execute("set role cloison_engine")
        insert = (
            "insert into crm.contacts (account_id, created_by, owner_id, team_id, last_name, phone, city, created_at)"
            " values ($1, $2, $3, $4, $5, $6, $7, $8)"
        )
        start = dt.datetime(2026, 1, 5, 9, tzinfo=dt.UTC)
        mine, theirs = made.members["exporter"].user, made.members["viewer"].user
        named: list[tuple[UUID, str, str | None, str | None]] = [
            (mine, 'Åse, "the"\nfirst', "+47 1", "Oslo"),
            (mine, "=1+1", None, "'quoted"),
            (theirs, "Other", "-5", None),
        ]
        for number, (who, *rest) in enumerate(named):
            await admin.execute(insert, account, owner, who, team, *rest, start + dt.timedelta(hours=number))
        await admin.execute(
            "insert into crm.contacts (account_id, created_by, owner_id, last_name, city)"
            " select $1, $2, $2, 'crowd ' || n, repeat('x', 200) from generate_series(1, $3::integer) n",
            account,
            owner,
            CROWD,
        )
        await admin.execute(
            "insert into crm.contacts_sensitive (account_id, id, birth_date)"
            " select t.account_id, t.id, date '1990-01-02' from crm.contacts t where t.last_name in ('=1+1', 'Other')"
        )
        return made
    finally:
        await admin.close()


@pytest.fixture
async def client(firm: Firm) -> AsyncIterator[httpx.AsyncClient]:
    async with talking(settings_for(firm.database)) as found:
        yield found


@pytest.fixture
async def admin(firm: Firm) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    connection = await firm.database.connect()
    yield connection
    await connection.close()


async def export(client: httpx.AsyncClient, who: Member, name: str = "contacts.jsonl", **wishes: Any) -> httpx.Response:
    return await client.post(f"/export/{name}", json=wishes, headers=bearer(who))


def lines(response: httpx.Response) -> list[dict[str, Any]]:
    assert response.status_code == 200, response.text
    return [json.loads(line) for line in response.text.splitlines()]


def table(response: httpx.Response) -> list[dict[str, str]]:
    assert response.status_code == 200, response.text
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def refusal(response: httpx.Response) -> tuple[int, dict[str, Any]]:
    assert response.headers["content-type"] == "application/json"
    return response.status_code, response.json()["errors"][0]["extensions"]


def numbers(response: httpx.Response) -> tuple[int, int]:
    return int(response.headers["x-cloison-rows"]), int(response.headers["x-cloison-left-out"])


async def test_rows_that_may_not_be_taken_out_are_left_out_and_counted(firm: Firm, client: httpx.AsyncClient) -> None:
    answer = await export(client, firm.members["exporter"], columns=["last_name", "owner_id"])
    seen = await client.post(
        "/graphql", json={"query": "{ contacts { totalCount } }"}, headers=bearer(firm.members["exporter"])
    )
    assert seen.json() == {"data": {"contacts": {"totalCount": 3}}}
    assert {line["last_name"] for line in lines(answer)} == {'Åse, "the"\nfirst', "=1+1"}
    assert {line["owner_id"] for line in lines(answer)} == {str(firm.members["exporter"].user)}
    assert numbers(answer) == (2, 1)
    # Who may take out all is left nothing out.
    assert numbers(await export(client, firm.members["owner"])) == (CROWD + 3, 0)


async def test_filters_and_orders_are_those_of_the_connection(firm: Firm, client: httpx.AsyncClient) -> None:
    answer = await export(
        client,
        firm.members["owner"],
        columns=["last_name", "created_at"],
        where={"ownerId": {"ne": f"Person:{firm.members['owner'].user}"}, "lastName": {"ne": "=1+1"}},
        orderBy=["LAST_NAME_DESC"],
    )
    assert [line["last_name"] for line in lines(answer)] == ['Åse, "the"\nfirst', "Other"]
    assert [line["created_at"] for line in lines(answer)] == ["2026-01-05T09:00:00+00:00", "2026-01-05T11:00:00+00:00"]
    # Of what is filtered for, what is left out is counted too.
    filtered = await export(client, firm.members["exporter"], where={"lastName": {"eq": "Other"}})
    assert (lines(filtered), numbers(filtered)) == ([], (0, 1))


async def test_csv_for_spreadsheets_runs_no_formula(firm: Firm, client: httpx.AsyncClient) -> None:
    wishes: dict[str, Any] = {"columns": ["last_name", "phone", "city", "version"], "orderBy": ["CREATED_AT_ASC"]}
    answer = await export(client, firm.members["exporter"], "contacts.csv", **wishes)
    assert answer.headers["content-type"] == "text/csv; charset=utf-8; header=present"
    assert answer.content.startswith(b"\xef\xbb\xbflast_name,phone,city,version\r\n")
    rows = [list(row.values()) for row in table(answer)]
    assert rows == [['Åse, "the"\nfirst', "'+47 1", "Oslo", "1"], ["'=1+1", "", "''quoted", "1"]]
    # Taking one apostrophe away gives every cell as it was.
    plain = await export(client, firm.members["exporter"], "contacts.csv", spreadsheet=False, **wishes)
    assert plain.content.startswith(b"last_name,phone,city,version\r\n")
    assert (
        [list(row.values()) for row in table(plain)]
        == [[cell.removeprefix("'") for cell in row] for row in rows]
        == [['Åse, "the"\nfirst', "+47 1", "Oslo", "1"], ["=1+1", "", "'quoted", "1"]]
    )


@pytest.mark.parametrize("first", [*files.FORMULA, "\uff1dcmd"])
def test_every_beginning_of_a_formula_is_text(first: str) -> None:
    (cell,) = next(csv.reader(io.StringIO(files.Csv().lines(["a"], [[first + "x"]]).decode(), newline="")))
    assert cell == "'" + first + "x"


async def test_sensitive_columns_are_asked_for_and_masked(firm: Firm, client: httpx.AsyncClient) -> None:
    wishes: dict[str, Any] = {
        "columns": ["last_name", "birth_date"],
        "where": {"lastName": {"in": ["=1+1", "Other"]}},
        "orderBy": ["LAST_NAME_ASC"],
    }
    assert "birth_date" not in lines(await export(client, firm.members["owner"], where=wishes["where"]))[0]
    assert lines(await export(client, firm.members["owner"], **wishes)) == [
        {"last_name": "=1+1", "birth_date": "1990-01-02", "sensitive_masked": False},
        {"last_name": "Other", "birth_date": "1990-01-02", "sensitive_masked": False},
    ]
    masked = lines(await export(client, firm.members["masked"], **wishes))
    assert [(line["birth_date"], line["sensitive_masked"]) for line in masked] == [(None, True), (None, True)]
    status, extensions = refusal(await export(client, firm.members["exporter"], **wishes))
    assert (status, extensions["code"], extensions["action"]) == (403, "FORBIDDEN", "view_sensitive")


@pytest.mark.parametrize("module", sorted(EXPORTED))
async def test_every_module_with_the_action_has_files(firm: Firm, client: httpx.AsyncClient, module: str) -> None:
    sensitive = [column.name for column in EXPORTED[module].sensitive]
    columns = [*exporting.plain_columns(EXPORTED[module]), *sensitive]
    for suffix in ("csv", "jsonl"):
        assert (await export(client, firm.members["owner"], f"{module}.{suffix}", columns=columns)).status_code == 200
    status, extensions = refusal(await export(client, firm.members["viewer"], f"{module}.csv"))
    assert (status, extensions["code"], extensions["module"], extensions["action"]) == (
        403,
        "FORBIDDEN",
        module,
        "export",
    )


@pytest.mark.parametrize(
    ("name", "wishes", "status", "code"),
    [
        ("moons.csv", {}, 404, "NOT_FOUND"),
        ("landing_pages.csv", {}, 404, "NOT_FOUND"),
        ("contacts.xlsx", {}, 404, "NOT_FOUND"),
        ("contacts.csv", {"columns": ["nothing"]}, 400, "BAD_USER_INPUT"),
        ("contacts.csv", {"columns": ["city", "city"]}, 400, "BAD_USER_INPUT"),
        ("contacts.csv", {"columns": []}, 400, "BAD_USER_INPUT"),
        ("contacts.csv", {"columns": "city"}, 400, "BAD_USER_INPUT"),
        ("contacts.csv", {"columns": ["sensitive_masked"]}, 400, "BAD_USER_INPUT"),
        ("contacts.csv", {"where": {"moon": {"eq": "x"}}}, 400, "BAD_USER_INPUT"),
        ("contacts.csv", {"where": {"city": None}}, 400, "BAD_USER_INPUT"),
        ("contacts.csv", {"orderBy": ["MOON_ASC"]}, 400, "BAD_USER_INPUT"),
        ("contacts.csv", {"spreadsheet": "yes"}, 400, "BAD_USER_INPUT"),
        ("contacts.csv", {"first": 5}, 400, "BAD_USER_INPUT"),
        ("contacts.csv", {"where": {"city": {"in": ["x"] * 1001}}}, 400, "LIMIT_EXCEEDED"),
    ],
)
async def test_bad_wishes(  # noqa: PLR0917 (one for each column of the table)
    firm: Firm, client: httpx.AsyncClient, name: str, wishes: dict[str, Any], status: int, code: str
) -> None:
    answer = await export(client, firm.members["owner"], name, **wishes)
    assert (answer.status_code, answer.json()["errors"][0]["extensions"]["code"]) == (status, code)


async def test_who_asks_must_be_a_member_and_ask_rightly(firm: Firm, client: httpx.AsyncClient) -> None:
    assert (await client.post("/export/contacts.csv", json={})).status_code == 401
    stranger = Member("nowhere", firm.members["owner"].user, 0)
    assert refusal(await export(client, stranger))[0] == 401
    headers = bearer(firm.members["owner"])
    assert (await client.get("/export/contacts.csv", headers=headers)).status_code == 405
    assert (await client.post("/export/contacts.csv", content=b"{", headers=headers)).status_code == 415
    headers["content-type"] = "application/json"
    assert (await client.post("/export/contacts.csv", content=b"{", headers=headers)).status_code == 400
    assert (await client.post("/export/contacts.csv", content=b"[]", headers=headers)).status_code == 400


async def test_a_filter_by_what_one_may_not_see_is_refused(firm: Firm, client: httpx.AsyncClient) -> None:
    where = {"company": {"name": {"eq": "x"}}}
    assert (await export(client, firm.members["exporter"], where=where)).status_code == 200
    status, extensions = refusal(await export(client, firm.members["masked"], where=where))
    assert (status, extensions["module"], extensions["action"]) == (403, "companies", "view")


async def test_the_file_is_named_for_its_moment_in_utc(firm: Firm, client: httpx.AsyncClient) -> None:
    answer = await export(client, firm.members["exporter"], "contacts.csv")
    name = answer.headers["content-disposition"].removeprefix('attachment; filename="contacts-').removesuffix('.csv"')
    moment = dt.datetime.strptime(name, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    assert abs(dt.datetime.now(dt.UTC) - moment) < dt.timedelta(minutes=5)
    assert answer.headers["cache-control"] == "no-store"


async def test_the_database_decides_what_goes_out(firm: Firm, admin: "asyncpg.Connection[asyncpg.Record]") -> None:
    """The source of a file is a function of the database: no statement of ours says whom `export` reaches."""
    gateway = await asyncpg.connect(firm.database.gateway_dsn)
    try:
        for name, expected in (("exporter", 2), ("viewer", 0), ("owner", CROWD + 3)):
            async with gateway.transaction():
                await gateway.execute("select access.enter('firm', $1)", firm.members[name].user)
                assert await gateway.fetchval("select count(*) from access.exported_contacts()") == expected
    finally:
        await gateway.close()
    assert await admin.fetchval("select count(*) from crm.contacts") == CROWD + 3


def test_a_batch_is_bounded_by_what_its_rows_can_hold() -> None:
    narrow = form("contacts").order(["id"], {})
    assert narrow.batch == exporting.LARGEST_BATCH
    wide = form("tasks").order(None, {})
    assert wide.batch * 50_000 <= exporting.BATCH_CHARACTERS


async def test_one_file_at_a_time(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    gate, held = asyncio.Event(), asyncio.Event()
    batches = exports.Stream.batches

    async def slowly(self: exports.Stream) -> AsyncIterator[list[asyncpg.Record]]:
        held.set()
        await gate.wait()
        async for batch in batches(self):
            yield batch

    monkeypatch.setattr(exports.Stream, "batches", slowly)
    async with talking(settings_for(firm.database, exports=1)) as client:
        first = asyncio.create_task(export(client, firm.members["exporter"]))
        await held.wait()
        for who in ("exporter", "owner"):
            status, extensions = refusal(await export(client, firm.members[who]))
            assert (status, extensions["code"], extensions["limit"]) == (429, "LIMIT_EXCEEDED", "open_exports")
        gate.set()
        assert len(lines(await first)) == 2
        assert numbers(await export(client, firm.members["exporter"])) == (2, 1)


async def broken(url: str, who: Member) -> tuple[int, bytes]:
    """What comes of a file that is broken off: the rows that it was to have, and what came of it."""
    parts: list[bytes] = []

    async def gather(answer: httpx.Response) -> None:
        async for part in answer.aiter_bytes():
            parts.append(part)  # noqa: PERF401 - what came before it broke off is kept

    async with (
        httpx.AsyncClient(base_url=url, headers=bearer(who), timeout=30) as client,
        client.stream("POST", "/export/contacts.jsonl", json={"columns": ["last_name"]}) as answer,
    ):
        assert answer.status_code == 200
        with pytest.raises(httpx.RemoteProtocolError, match="incomplete chunked read"):
            await gather(answer)
    return int(answer.headers["x-cloison-rows"]), b"".join(parts)


@pytest.mark.parametrize("how", ["deactivated", "other teams"])
async def test_rights_that_go_break_the_file_off(
    firm: Firm,
    admin: "asyncpg.Connection[asyncpg.Record]",
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    how: str,
) -> None:
    monkeypatch.setattr(exports, "RIGHTS_SECONDS", 0)
    monkeypatch.setattr(exporting, "LARGEST_BATCH", 1)
    who = firm.members["exporter"]
    batches = exports.Stream.batches

    async def losing(self: exports.Stream) -> AsyncIterator[list[asyncpg.Record]]:
        async for batch in batches(self):
            yield batch
            if how == "deactivated":
                await admin.execute("select access.set_status($1, $2, 'deactivated')", firm.account, who.user)
            else:
                await admin.execute("select access.leave_team($1, $2, t.id) from access.team t", firm.account, who.user)

    monkeypatch.setattr(exports.Stream, "batches", losing)
    try:
        async with listening(settings_for(firm.database)) as (_, url):
            rows, content = await broken(url, who)
    finally:
        await admin.execute("select access.set_status($1, $2, 'active')", firm.account, who.user)
        await admin.execute("select access.join_team($1, $2, t.id, true) from access.team t", firm.account, who.user)
    assert rows == 2
    assert content.count(b"\n") == 1
    assert ('"outcome":"rights changed"' in capsys.readouterr().err) is (how == "other teams")


async def test_an_error_in_the_middle_breaks_the_file_off_and_is_masked(
    firm: Firm, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def failing(*_: object) -> bytes:
        raise ValueError("a secret of a row")

    monkeypatch.setattr(files.JsonLines, "lines", failing)
    async with listening(settings_for(firm.database)) as (_, url):
        rows, content = await broken(url, firm.members["exporter"])
    assert (rows, content) == (2, b"")
    assert '"code":"INTERNAL"' in capsys.readouterr().err


async def cursors(admin: "asyncpg.Connection[asyncpg.Record]", condition: str = "true") -> int:
    found: int = await admin.fetchval(
        "select count(*) from pg_stat_activity where usename = 'cloison_gateway' and datname = current_database()"
        f" and xact_start is not null and query like '%exported$%' and {condition}"
    )
    return found


async def begun(url: str, who: Member) -> asyncio.StreamWriter:
    """A client that has the beginning of its answer, and reads nothing more."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port), limit=1024)
    head = {"host": "x", "content-type": "application/json", "content-length": "2"} | bearer(who)
    sent = ["POST /export/contacts.jsonl HTTP/1.1", *(f"{name}: {value}" for name, value in head.items()), "", "{}"]
    writer.write("\r\n".join(sent).encode())
    assert (await reader.readline()).startswith(b"HTTP/1.1 200")
    return writer


@pytest.fixture
def fetched(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Numbers of rows in the batches that were made ready; each is large, so that sockets hold few of them."""
    monkeypatch.setattr(exporting, "LARGEST_BATCH", 100)
    encode, found = files.JsonLines.lines, []

    def counted(self: files.JsonLines, columns: Any, rows: Any) -> bytes:
        found.append(len(rows))
        return encode(self, columns, rows) + b" " * 1_000_000

    monkeypatch.setattr(files.JsonLines, "lines", counted)
    return found


@pytest.mark.parametrize("how", ["leaves", "stalls"])
async def test_who_takes_nothing_holds_little_and_not_for_long(  # noqa: PLR0917 (fixtures)
    firm: Firm,
    admin: "asyncpg.Connection[asyncpg.Record]",
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    fetched: list[int],
    how: str,
) -> None:
    if how == "stalls":
        monkeypatch.setattr(export_endpoint, "STALL_SECONDS", 1)

    async def is_held_up() -> bool:
        return await cursors(admin, "state_change < clock_timestamp() - interval '0.3 seconds'") == 1

    async def has_ended() -> bool:
        return await cursors(admin) == 0

    async with listening(settings_for(firm.database)) as (_, url):
        writer = await begun(url, firm.members["owner"])
        await eventually(is_held_up)
        if how == "leaves":
            writer.transport.abort()
        await eventually(has_ended)
        assert 0 < sum(fetched) < CROWD
        async with httpx.AsyncClient(base_url=url) as client:
            assert numbers(await export(client, firm.members["exporter"])) == (2, 1)
        writer.transport.abort()
    outcome = {"leaves": "client gone", "stalls": "too slow"}[how]
    assert f'"outcome":"{outcome}"' in capsys.readouterr().err


async def test_a_file_that_takes_too_long_is_broken_off(firm: Firm, monkeypatch: pytest.MonkeyPatch) -> None:
    async def for_ever(_: exports.Stream) -> AsyncIterator[list[asyncpg.Record]]:
        await asyncio.Event().wait()
        yield []

    monkeypatch.setattr(exports.Stream, "batches", for_ever)
    async with listening(settings_for(firm.database, export_timeout=0.5)) as (_, url):
        assert await broken(url, firm.members["exporter"]) == (2, b"")


async def test_a_large_file_is_whole(firm: Firm) -> None:
    async with (
        listening(settings_for(firm.database)) as (_, url),
        httpx.AsyncClient(base_url=url, headers=bearer(firm.members["owner"]), timeout=30) as client,
    ):
        answer = await client.post("/export/contacts.csv", json={"orderBy": ["CREATED_AT_ASC"]})
    assert len(table(answer)) == CROWD + 3
    assert len({row["id"] for row in table(answer)}) == CROWD + 3
