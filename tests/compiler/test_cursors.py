"""Cursors: sealed for one member and one order, and good after their row is gone."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

import orjson
import pytest

from resolvers.compiler.cursors import SEAL_BYTES
from resolvers.operations import Compiler, Result
from resolvers.session import Identity
from tests.compiler.conftest import Client
from tests.support.databases import TestDatabase

PAGE = "query ($after: String) { contacts(first: 3, after: $after) { edges { cursor node { id } } } }"


def edges(result: Result) -> Any:
    return orjson.loads(orjson.dumps(result.data))["contacts"]["edges"]


def refused(result: Result) -> bool:
    (error,) = result.errors
    extensions = error.extensions or {}
    return extensions["code"] == "BAD_USER_INPUT" and "after" in extensions["fields"]


async def test_pages_meet_without_gap_or_overlap(client: Client) -> None:
    seen: list[str] = []
    after = None
    while page := edges(await client.ask("lead", PAGE, {"after": after})):
        seen += [edge["node"]["id"] for edge in page]
        after = page[-1]["cursor"]

    everything = edges(await client.ask("lead", PAGE.replace("first: 3", "first: 100")))
    assert seen == [edge["node"]["id"] for edge in everything]
    assert len(seen) > 3


@pytest.mark.parametrize("place", [0, SEAL_BYTES - 1, SEAL_BYTES + 3, -4])
async def test_an_altered_cursor_is_refused(place: int, client: Client) -> None:
    cursor = edges(await client.ask("lead", PAGE))[0]["cursor"]
    sealed = bytearray(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    sealed[place] ^= 1

    assert refused(await client.ask("lead", PAGE, {"after": urlsafe_b64encode(sealed).decode()}))


@pytest.mark.parametrize(
    "cursor", ["", "x", "é", "====", "A" * 10_000, "null", "WzFd", urlsafe_b64encode(b"[1]" * 9).decode()]
)
async def test_what_is_no_cursor_is_refused(cursor: str, client: Client) -> None:
    assert refused(await client.ask("lead", PAGE, {"after": cursor}))


async def test_the_cursor_of_another_member_is_refused(client: Client) -> None:
    cursor = edges(await client.ask("lead", PAGE))[0]["cursor"]
    assert not (await client.ask("lead", PAGE, {"after": cursor})).errors
    assert refused(await client.ask("owner", PAGE, {"after": cursor}))


async def test_a_cursor_within_a_known_document_is_good_for_its_member_alone(client: Client) -> None:
    cursor = edges(await client.ask("lead", PAGE))[0]["cursor"]
    text = f'{{ contacts(first: 3, after: "{cursor}") {{ edges {{ node {{ id }} }} }} }}'

    assert not (await client.ask("lead", text)).errors
    assert refused(await client.ask("owner", text))
    assert not (await client.ask("lead", text)).errors


async def test_a_cursor_is_good_where_the_account_is_named_alike(client: Client) -> None:
    cursor = edges(await client.ask("lead", PAGE))[0]["cursor"]
    operation = client.compiler.prepare(PAGE, None)
    unnamed = Identity(None, client.world.people["lead"])
    assert refused(await operation.bind({"after": cursor}, unnamed).run(client.database))

    own = edges(await operation.bind({}, unnamed).run(client.database))[0]["cursor"]
    assert not (await operation.bind({"after": own}, unnamed).run(client.database)).errors


async def test_another_secret_refuses(client: Client) -> None:
    cursor = edges(await client.ask("lead", PAGE))[0]["cursor"]
    other = Client(Compiler(b"another secret"), client.database, client.world)
    assert refused(await other.ask("lead", PAGE, {"after": cursor}))


async def test_a_cursor_outlives_its_row(client: Client, world_database: TestDatabase) -> None:
    page = edges(await client.ask("owner", PAGE))
    row = page[0]["node"]["id"].partition(":")[2]
    admin = await world_database.connect()
    try:
        await admin.execute("begin; set local session_replication_role = replica")
        await admin.execute("update crm.contacts set account_id = gen_random_uuid() where id = $1", row)
        await admin.execute("commit")
        gone = [edge["node"]["id"] for edge in edges(await client.ask("owner", PAGE))]
        after = edges(await client.ask("owner", PAGE, {"after": page[0]["cursor"]}))
    finally:
        await admin.execute("begin; set local session_replication_role = replica")
        await admin.execute("update crm.contacts set account_id = $2 where id = $1", row, client.world.account)
        await admin.execute("commit")
        await admin.close()

    assert page[0]["node"]["id"] not in gone
    assert [edge["node"]["id"] for edge in after][:2] == [edge["node"]["id"] for edge in page[1:]]
