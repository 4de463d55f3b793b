"""The account set is what it says, and the servers that are compared answer it alike."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import anyio
import asyncpg
import pytest

from benchmarks import answers, ceiling, data, members, statements
from benchmarks.data import Database
from benchmarks.members import Member
from benchmarks.operations import BY_NAME, OPERATIONS, PREFIXES, Operation
from benchmarks.peers import KINDS, NODE, Peer, running
from tests.support.ports import free_port

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("benchmarks")]

SCALE = 0.001
DANGLING = """
select (select count(*) from crm.contacts c where company_id is not null
          and not exists (select from crm.companies o where o.account_id = c.account_id and o.id = c.company_id))
     + (select count(*) from crm.contacts c where owner_id is not null
          and not exists (select from access.member m where m.account_id = c.account_id and m.user_id = c.owner_id))
     + (select count(*) from crm.deals d
         where not exists (select from crm.companies o where o.account_id = d.account_id and o.id = d.company_id))
     + (select count(*) from crm.deal_contacts p
         where not exists (select from crm.deals d where d.account_id = p.account_id and d.id = p.deal_id)
            or not exists (select from crm.contacts c where c.account_id = p.account_id and c.id = p.contact_id))
"""


@dataclass(frozen=True)
class Bench:
    """A small account set, and who asks: two members of each scope."""

    database: Database
    members: list[Member]


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    with tempfile.TemporaryDirectory(prefix="cloison-test-") as name:
        Path(name).chmod(0o711)
        with data.held(Path(name), SCALE) as database:
            anyio.run(data.prepare, database, lambda _: None)
            found = anyio.run(members.find, database.admin_url, database.gateway_url)
            yield Bench(database, found[:6])


@pytest.fixture(scope="module")
def peers(bench: Bench) -> Iterator[dict[str, Peer]]:
    names = ["strawberry", "cloison", *(["postgraphile"] if NODE.exists() else [])]
    core = min(os.sched_getaffinity(0))
    with ExitStack() as stack:
        yield {
            name: stack.enter_context(running(KINDS[name], bench.database, bench.members, free_port(), core))
            for name in names
        }


async def test_there_are_as_many_rows_as_it_says_and_none_refers_to_nothing(bench: Bench) -> None:
    connection = await asyncpg.connect(bench.database.admin_url)
    try:
        size = bench.database.size
        for table, rows in (("contacts", size.contacts), ("companies", size.companies), ("deals", size.deals)):
            assert await connection.fetchval(f"select count(*) from crm.{table}") == rows
        assert await connection.fetchval("select count(*) from crm.deal_contacts") == 3 * size.deals
        assert await connection.fetchval(DANGLING) == 0
    finally:
        await connection.close()


def test_scopes_see_more_and_more(bench: Bench) -> None:
    own, team, everything = (
        next(member.rows for member in bench.members if member.scope == scope) for scope in ("own", "team", "all")
    )

    assert 0 < own < team < everything


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_cloison_answers_as_plain_strawberry_does(bench: Bench, peers: dict[str, Peer], operation: Operation) -> None:
    assert compared(operation, [peers["strawberry"], peers["cloison"]], bench) > 0


@pytest.mark.skipif(not NODE.exists(), reason="npm ci has not been run in benchmarks/peers/postgraphile")
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
def test_postgraphile_answers_as_cloison_does(bench: Bench, peers: dict[str, Peer], operation: Operation) -> None:
    assert compared(operation, [peers["cloison"], peers["postgraphile"]], bench) > 0


def compared(operation: Operation, peers: list[Peer], bench: Bench) -> int:
    # Some names are in no row of so few.
    searches = operation.name.startswith(("Q6", "Q7"))
    return answers.compare(operation, peers, bench.members, numbers=len(PREFIXES) if searches else 1)


def test_a_difference_is_found(bench: Bench, peers: dict[str, Peer], monkeypatch: pytest.MonkeyPatch) -> None:
    other = Peer("other", "cloison", peers["cloison"].url, 0)
    asked = answers.ask
    monkeypatch.setattr(
        answers,
        "ask",
        lambda peer, *rest: {"contact": None} if peer is other else asked(peer, *rest),
    )

    with pytest.raises(answers.AnswersDifferError, match="Q1 of own member"):
        answers.compare(BY_NAME["Q1"], [peers["cloison"], other], bench.members)


@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda operation: operation.name)
async def test_pgbench_has_scripts_of_what_the_compiler_makes(
    bench: Bench, peers: dict[str, Peer], operation: Operation, tmp_path: Path
) -> None:
    cursor = partial(answers.cursor, peers["cloison"])
    sent = [
        await statements.transaction(operation, member, 0, cursor(member) if operation.name == "Q8" else None)
        for member in bench.members
    ]
    scripts = ceiling.write(tmp_path, bench.members, sent, pipelined=True)

    assert len(scripts.files) == len(bench.members)
    for member, path in zip(bench.members, scripts.files, strict=True):
        text = path.read_text()
        assert f"/* {member.profile.name} */" in text
        assert text.startswith("\\set fresh" if operation.name == "Q5" else "\\startpipeline")
