from pathlib import Path

import asyncpg
import pytest

from gateway.embedded import Server


async def test_the_first_starts_it_and_the_last_stops_it(owned: Server) -> None:
    assert owned.address() is None
    with owned.hold() as first:
        with owned.hold() as second:
            assert first == second
        assert owned.address() == first, "whoever found it running leaves it running"
    assert owned.address() is None


async def test_data_is_kept(owned: Server) -> None:
    with owned.hold() as address:
        connection = await asyncpg.connect(address.superuser_url())
        await connection.execute("create table kept as select 42 as answer")
        await connection.close()
    with owned.hold() as address:
        connection = await asyncpg.connect(address.superuser_url())
        assert await connection.fetchval("select answer from kept") == 42
        await connection.close()


def test_it_goes_on_for_whoever_was_given_its_address(owned: Server) -> None:
    with owned.hold(keep=True) as address:
        pass
    assert owned.address() == address
    with owned.hold():
        pass
    assert owned.address() == address, "until it is stopped"
    assert owned.stop()
    assert owned.address() is None


def test_one_that_serves_stops_it_although_an_address_was_given_meanwhile(owned: Server) -> None:
    with owned.hold(), owned.hold(keep=True):
        pass
    assert owned.address() is None


def test_it_is_not_stopped_under_somebody(owned: Server) -> None:
    with owned.hold() as address:
        assert not owned.stop()
        assert owned.address() == address
    assert owned.stop(), "stopping what stands still is no failure"


def test_it_is_let_go_of_after_a_failure(owned: Server) -> None:
    with pytest.raises(RuntimeError, match="of the block"), owned.hold():
        raise RuntimeError("of the block")
    assert owned.address() is None


def test_stopping_what_was_never_made_makes_nothing(directory: Path) -> None:
    assert Server(directory).stop()
    assert not directory.exists()
