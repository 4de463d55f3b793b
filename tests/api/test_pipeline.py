"""What goes over a connection in pipeline mode: values, prepared statements, much at once."""

import asyncio
import datetime as dt
from collections.abc import AsyncIterator
from uuid import UUID

import asyncpg
import pytest
from hypothesis import given, strategies as st

from resolvers.session import PoolOptions
from resolvers.session.pipeline import End, Pipeline, Step
from resolvers.session.pipelines import Pipelines
from resolvers.session.values import encoded
from tests.api.conftest import World

pytestmark = pytest.mark.any_server


@pytest.fixture
async def connection(world: World) -> AsyncIterator[Pipeline]:
    options = PoolOptions(min_size=1, max_size=1, statement_cache_size=4)
    pool = await Pipelines.open(world.database.gateway_dsn, options)
    connection = await pool.take()
    yield connection
    await pool.give(connection)
    await pool.close()


async def one(connection: Pipeline, text: str, *values: object) -> bytes | None:
    """The one value of a statement."""
    outcome = await connection.run([Step(text, values)], End.COMMIT)
    if outcome.error is not None:
        raise outcome.error
    return outcome.answers[0].get_value(0, 0)


@pytest.mark.parametrize(
    ("value", "sql_type", "text"),
    [
        (None, "text", None),
        ("", "text", ""),
        ("ä 'quoted\" \\ NULL", "text", "ä 'quoted\" \\ NULL"),
        (True, "boolean", "true"),
        (False, "boolean", "false"),
        (-(2**63), "bigint", "-9223372036854775808"),
        (UUID("01900000-0000-7000-8000-000000000001"), "uuid", "01900000-0000-7000-8000-000000000001"),
        (b"\x00\xff", "bytea", "\\x00ff"),
        (dt.date(44, 3, 15), "date", "0044-03-15"),
        (dt.datetime(2026, 1, 2, 3, 4, 5, 678900, dt.UTC), "timestamptz", "2026-01-02 03:04:05.6789+00"),
        ([], "text[]", "{}"),
        (["NULL", "a,b", '"', "\\", "{}", " "], "text[]", r'{"NULL","a,b","\"","\\","{}"," "}'),
        ([None, "x"], "text[]", "{NULL,x}"),
        ([True, False], "boolean[]", "{t,f}"),
    ],
)
async def test_a_value_arrives_as_it_is(connection: Pipeline, value: object, sql_type: str, text: str | None) -> None:
    found = await one(connection, f"select $1::{sql_type}::text", value)
    assert found == (None if text is None else text.encode())


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))))
def test_no_text_of_an_array_is_taken_for_anything_else(texts: list[str]) -> None:
    """Reads the literal by the rules that PostgreSQL documents for arrays, all elements of which are quoted."""
    literal = (encoded(texts) or b"").decode()
    assert literal[0] + literal[-1] == "{}"
    read, position = [], 1
    while position < len(literal) - 1:
        assert literal[position] == '"'
        position += 1
        text = ""
        while literal[position] != '"':
            position += literal[position] == "\\"
            text += literal[position]
            position += 1
        read.append(text)
        position += 1
        assert literal[position] in ",}"
        position += 1
    assert read == texts


@pytest.mark.parametrize("text", ["a\0b", "\ud800", ["x", "\0"]])
async def test_what_is_no_text_of_the_database_is_refused_and_nothing_is_sent(
    connection: Pipeline, text: object
) -> None:
    with pytest.raises(asyncpg.CharacterNotInRepertoireError):
        await one(connection, "select $1::text", text)
    assert connection.usable
    assert await one(connection, "select 1") == b"1"


def test_no_parameter_is_something_else() -> None:
    with pytest.raises(TypeError):
        encoded(1.5)


async def test_prepared_statements_are_bounded_and_used_again(connection: Pipeline) -> None:
    for _ in range(3):
        for number in range(10):
            assert await one(connection, f"select {number} + $1::int", 1) == str(number + 1).encode()
    names = {await one(connection, "select count(*)::text from pg_prepared_statements") for _ in range(2)}
    assert names == {b"4"}
    used = "select (generic_plans + custom_plans)::text from pg_prepared_statements where statement = $1::text"
    for _ in range(2):
        assert await one(connection, "select 6 + $1::int", 1) == b"7"
    assert await one(connection, used, "select 6 + $1::int") == b"2"


async def test_what_is_prepared_stays_bounded_where_batches_fail(connection: Pipeline) -> None:
    """Behind an error nothing is done: no statement is prepared, and none is closed."""
    for number in range(20):
        failing = await connection.run([Step(f"select 1 / 0, {number}"), Step(f"select -{number}")], End.COMMIT)
        assert isinstance(failing.error, asyncpg.DivisionByZeroError)
        assert await one(connection, f"select {number} + $1::int", 1) == str(number + 1).encode()
    assert await one(connection, "select count(*)::text from pg_prepared_statements") == b"4"


async def test_a_statement_that_cannot_be_prepared_is_not_taken_for_prepared(connection: Pipeline) -> None:
    for _ in range(2):
        with pytest.raises(asyncpg.UndefinedTableError):
            await one(connection, "select 1 from not_there_yet")
    assert connection.usable


async def test_a_statement_whose_result_has_another_shape_by_now_ends_the_connection(
    connection: Pipeline, world: World
) -> None:
    admin = await world.database.connect()
    try:
        await admin.execute("create table public.shape (a int); grant usage on schema public to cloison_gateway")
        await admin.execute("grant select on public.shape to cloison_gateway")
        await connection.run([Step("select * from public.shape")], End.COMMIT)
        await admin.execute("alter table public.shape add b int")
        outcome = await connection.run([Step("select * from public.shape")], End.COMMIT)
    finally:
        await admin.execute("drop table if exists public.shape")
        await admin.close()
    assert outcome.error is not None
    assert outcome.error.sqlstate == "0A000"
    assert not connection.usable


async def test_without_a_cache_nothing_is_prepared(world: World) -> None:
    pool = await Pipelines.open(world.database.gateway_dsn, PoolOptions(max_size=1, statement_cache_size=0))
    connection = await pool.take()
    try:
        assert await one(connection, "select $1::text", "x") == b"x"
        assert await one(connection, "select count(*)::text from pg_prepared_statements") == b"0"
    finally:
        await pool.give(connection)
        await pool.close()


async def test_a_connection_is_replaced_after_so_many_different_statements(world: World) -> None:
    options = PoolOptions(min_size=1, max_size=1, texts_per_connection=3)
    pool = await Pipelines.open(world.database.gateway_dsn, options)
    same, pids = "select pg_backend_pid()", []
    for number in range(4):
        for text in (same, same, f"{same} -- {number}"):
            connection = await pool.take()
            pids.append(await one(connection, text))
            await pool.give(connection)
    await pool.close()
    # The first, and two more: the third text is the last.
    assert [pids.index(pid) for pid in pids] == [0, 0, 0, 0, 0, 0, 6, 6, 6, 6, 6, 6]
    assert pool.counts() == (0, 0)


async def test_a_connection_that_keeps_nothing_is_replaced_too(world: World) -> None:
    options = PoolOptions(min_size=1, max_size=1, statement_cache_size=0, texts_per_connection=2)
    pool = await Pipelines.open(world.database.gateway_dsn, options)
    pids = []
    for _ in range(4):
        connection = await pool.take()
        pids.append(await one(connection, "select pg_backend_pid()"))
        await pool.give(connection)
    await pool.close()
    assert [pids.index(pid) for pid in pids] == [0, 0, 2, 2]


async def test_much_goes_both_ways(connection: Pipeline) -> None:
    """More than sockets buffer: neither side may wait for the other."""
    large = "x" * 5_000_000
    statements = [Step("select $1::text || $2::text", [large, str(number)]) for number in range(4)]
    outcome = await connection.run(statements, End.COMMIT)
    assert outcome.error is None
    assert [len(answer.get_value(0, 0) or b"") for answer in outcome.answers] == [5_000_001] * 4
    assert connection.usable


async def test_one_batch_at_a_time(connection: Pipeline) -> None:
    first = connection.run([Step("select 1")], End.COMMIT)
    task = asyncio.create_task(first)
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="one batch"):
        await connection.run([Step("select 2")], End.COMMIT)
    assert (await task).answers[0].get_value(0, 0) == b"1"


async def test_errors_have_what_the_other_driver_would_say(connection: Pipeline) -> None:
    text = """do $$ begin raise exception using errcode = 'U0403', message = 'no', detail = '{"module": "deals"}',
        hint = 'ask', table = 'deals', column = 'name', constraint = 'deals_name_check'; end $$"""
    outcome = await connection.run([Step(text)], End.COMMIT)
    error = outcome.error
    assert error is not None
    assert (error.sqlstate, error.message, error.detail, error.hint) == ("U0403", "no", '{"module": "deals"}', "ask")
    assert (error.table_name, error.column_name, error.constraint_name) == ("deals", "name", "deals_name_check")
