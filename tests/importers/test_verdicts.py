"""A bad line is reported with file, line and reason, and the good ones go in."""

import csv
import json
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from importers import ImportFailed, Summary
from importers.verdicts import HEADER
from tests.importers.conftest import Account

pytestmark = pytest.mark.any_server

Files = Callable[..., Path]

MAPPING: dict[str, Any] = {
    "version": 1,
    "name": "trial",
    "sources": {name: {"file": f"{name}.csv"} for name in ("people", "companies", "deals")},
    "roles": [
        {"name": "Agent", "capabilities": [{"modules": ["deals"], "actions": ["view"], "scopes": ["owned"]}]},
    ],
    "teams": [{"source": "people", "name": "team", "parent": "above"}],
    "members": [
        {
            "source": "people", "name": "name", "role": "Agent", "team": "team",
            "email": {"template": "{name}@firm.example", "letters": ".", "lower": True},
        }
    ],
    "rows": [
        {
            "module": "companies", "source": "companies", "key": "id", "open_to_all": True,
            "columns": {"name": "name", "parent_id": "parent", "founded_year": "founded"},
        },
        {
            "module": "deals", "source": "deals", "key": "id", "owner": "agent", "team": "team",
            "columns": {
                "name": "name", "stage": {"field": "stage", "lower": True}, "closed_on": "closed",
                "amount_cents": {"field": "value", "multiply": 100}, "company_id": "company",
            },
        },
    ],
}  # fmt: skip

PEOPLE = "name,team,above\nAda Moreau,North,\nBen Okafor,Harbour,North\n"
COMPANIES = "id,name,parent,founded\nc1,Acme,,1990\nc2,Bolt,c1,1991\n"
DEALS = "id,name,agent,team,stage,closed,value,company\n"
GOOD = "d1,Anvils,Ada Moreau,,Won,2020-01-31,10.50,c1\n"


def reasons(summary: Summary, file: str) -> list[tuple[int, str]]:
    return [(refusal.line, refusal.reason) for refusal in summary.refusals if refusal.file == file]


async def test_good_lines_become_rows(account: Account, files: Files) -> None:
    summary = await account.bring(MAPPING, files(people=PEOPLE, companies=COMPANIES, deals=DEALS + GOOD))

    assert summary.refusals == []
    assert summary.rejects is None
    assert summary.rows["deals"].inserted == 1
    async with account.acting() as session:
        row = await session.connection.fetchrow(
            """
            select d.name, d.stage, d.closed_on::text, d.amount_cents, c.name as company, p.email, t.name as team
              from crm.deals d join crm.companies c on c.id = d.company_id
              join crm.people p on p.id = d.owner_id join crm.teams t on t.id = d.team_id
            """
        )
    assert row is not None
    assert tuple(row) == ("Anvils", "won", "2020-01-31", 1_050, "Acme", "ada.moreau@firm.example", "North")


BAD: dict[str, tuple[str, str]] = {
    "unknown owner": ("d2,X,Nobody,,won,,1,c1", "owner 'Nobody' is not a member"),
    "owner of no member's address": ("d2,X,x@firm.example,,won,,1,c1", "owner 'x@firm.example' is not a member"),
    "bad date": ("d2,X,,,won,31.01.2020,1,c1", "closed_on '31.01.2020' is not a date as in YYYY-MM-DD"),
    "missing key": (",X,,,won,,1,c1", "has no key"),
    "key too long": (f"{'k' * 501},X,,,won,,1,c1", "is 501 characters long, 500 is the most"),
    "duplicate key": ("d1,X,,,won,,1,c1", "key 'd1' was used in deals.csv line 2 already"),
    "extra cell": ("d2,X,,,won,,1,c1,extra", "has 9 cells where the file has 8 columns"),
    "missing cell": ("d2,X,,,won,,1", "has 7 cells where the file has 8 columns"),
    "invalid choice": ("d2,X,,,victory,,1,c1", "stage 'victory' is none of prospecting"),
    "too long": (f"d2,{'x' * 301},,,won,,1,c1", "name is 301 characters long, 300 is the most"),
    "missing value": ("d2,,,,won,,1,c1", "name is missing"),
    "not a number": ("d2,X,,,won,,much,c1", "amount_cents 'much' is not a number"),
    "negative": ("d2,X,,,won,,-1,c1", "amount_cents '-1' is not between 0"),
    "half a cent": ("d2,X,,,won,,1.005,c1", "is not a whole number times 100"),
    "unknown reference": ("d2,X,,,won,,1,c9", "company_id 'c9' is in none of the companies that were imported"),
    "unknown team": ("d2,X,,South,won,,1,c1", "there is no team 'South'"),
    "unclosed quotation mark": ('d2,"X,,,won,,1,c1', "opens a quotation mark that is not closed"),
}


@pytest.mark.parametrize(("line", "reason"), BAD.values(), ids=BAD.keys())
async def test_a_bad_line_is_refused_and_its_neighbours_go_in(
    account: Account, files: Files, line: str, reason: str
) -> None:
    data = files(people=PEOPLE, companies=COMPANIES, deals=f"{DEALS}{GOOD}{line}\nd3,Ropes,,,lost,,2,\n")

    summary = await account.bring(MAPPING, data)

    ((number, said),) = reasons(summary, "deals.csv")
    assert number == 3
    assert reason in said
    assert (summary.rows["deals"].inserted, sum(summary.refused.values())) == (2, 1)
    async with account.acting() as session:
        names = await session.connection.fetch("select name from crm.deals order by name")
    assert [row["name"] for row in names] == ["Anvils", "Ropes"]


async def test_a_line_in_another_encoding_is_refused_and_its_neighbours_go_in(account: Account, files: Files) -> None:
    deals = DEALS.encode() + "d2,Café,,,won,,1,\n".encode("latin-1") + GOOD.encode()

    summary = await account.bring(MAPPING, files(people=PEOPLE, companies=COMPANIES, deals=deals))

    assert reasons(summary, "deals.csv") == [(2, "is not utf-8: byte e9 at 7")]
    assert summary.rows["deals"].inserted == 1


async def test_rows_below_a_refused_row_are_refused(account: Account, files: Files) -> None:
    lines = ["c1,Acme,,early", "c2,Bolt,c1,", "c3,Cord,c2,", "c4,Dial,,", "c5,Echo,c6,", "c6,Fold,c5,", "c7,Gate,c7,"]
    companies = "\n".join(["id,name,parent,founded", *lines])
    summary = await account.bring(MAPPING, files(people=PEOPLE, companies=companies, deals=DEALS))

    assert reasons(summary, "companies.csv") == [
        (2, "founded_year 'early' is not a number"),
        (3, "parent_id 'c1' is in none of the companies that were imported"),
        (4, "parent_id 'c2' is in none of the companies that were imported"),
        (6, "'c5' stands below itself"),
        (7, "'c6' stands below itself"),
        (8, "'c7' stands below itself"),
    ]
    assert summary.rows["companies"].inserted == 1


async def test_people_who_contradict_themselves_are_refused(account: Account, files: Files) -> None:
    lines = [
        "Ada Moreau,North,",
        "Ada Moreau,South,",
        "Áda Moreau,North,",
        ",North,",
        "42,North,",
        "Eve Lund,Nowhere,Missing",
    ]
    people = "\n".join(["name,team,above", *lines])
    summary = await account.bring(MAPPING, files(people=people, companies=COMPANIES, deals=DEALS))

    assert reasons(summary, "people.csv") == [
        (3, "member 'Ada Moreau' is described otherwise in people.csv line 2"),
        (4, "ada.moreau@firm.example is already the address of 'Ada Moreau'"),
        (5, "names no member"),
        (6, "'' is not an e-mail address"),
        (7, "team 'Nowhere': its parent 'Missing' is not there"),
        (7, "there is no team 'Nowhere'"),
    ]
    assert (summary.structure["members"].inserted, summary.structure["teams"].inserted) == (1, 2)


async def test_refused_lines_are_in_a_file_that_only_its_owner_reads(account: Account, files: Files) -> None:
    data = files(people=PEOPLE, companies=COMPANIES, deals=f'{DEALS}d2,"X, and\nY",,,never,,1,\n')
    path = data / "refused.csv"
    path.touch(0o644)

    summary = await account.bring(MAPPING, data, rejects=path)

    assert summary.rejects == path
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with path.open(newline="") as file:
        header, line = csv.reader(file)
    assert tuple(header) == HEADER
    assert line[:2] == ["deals.csv", "2"]
    assert "stage 'never' is none of" in line[2]
    assert line[3] == 'd2,"X, and\nY",,,never,,1,'


async def test_refused_lines_are_not_written_through_a_link(account: Account, files: Files) -> None:
    data = files(people=PEOPLE, companies=COMPANIES, deals=f"{DEALS}d2,X,,,never,,1,\n")
    target, path = data / "somebody's", data / "refused.csv"
    target.write_text("precious")
    target.chmod(0o644)
    path.symlink_to(target)

    await account.bring(MAPPING, data, rejects=path)

    assert (target.read_text(), stat.S_IMODE(target.stat().st_mode)) == ("precious", 0o644)
    assert not path.is_symlink()
    assert "never" in path.read_text()
    assert not list(data.glob(".refused*")), "nothing is left of its making"


async def test_a_line_that_the_database_refuses_holds_its_text_too(account: Account, files: Files) -> None:
    line = "d2,X,,,won,,1,c9"
    summary = await account.bring(MAPPING, files(people=PEOPLE, companies=COMPANIES, deals=f"{DEALS}{line}\n"))

    assert [refusal.text for refusal in summary.refusals] == [line]


async def test_the_summary_is_json(account: Account, files: Files) -> None:
    data = files(people=PEOPLE, companies=COMPANIES, deals=f"{DEALS}{GOOD}d2,,,,won,,1,\n")
    summary = json.loads(json.dumps((await account.bring(MAPPING, data)).as_json()))

    assert summary.pop("seconds") > 0
    assert summary == {
        "mapping": "trial",
        "account": "maven",
        "committed": True,
        "roles": {"inserted": 1, "unchanged": 0},
        "teams": {"inserted": 2, "unchanged": 0},
        "members": {"inserted": 2, "unchanged": 0},
        "rows": {"companies": {"inserted": 2, "unchanged": 0}, "deals": {"inserted": 1, "unchanged": 0}},
        "refused_lines": 1,
        "refused": [{"file": "deals.csv", "line": 3, "reason": "name is missing"}],
        "rejects": str(data / "rejects.csv"),
    }


async def test_rejects_that_cannot_be_written_stop_the_import_before_it_begins(account: Account, files: Files) -> None:
    data = files(people=PEOPLE, companies=COMPANIES, deals=DEALS)
    with pytest.raises(ImportFailed, match="--rejects"):
        await account.bring(MAPPING, data, rejects=data / "nowhere" / "rejects.csv")
    with pytest.raises(ImportFailed, match="is no file"):
        await account.bring(MAPPING, data, rejects=Path(os.devnull))
