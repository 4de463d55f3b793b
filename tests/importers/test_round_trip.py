"""What is exported for programs is imported as it is: two accounts, one file, the same rows."""

from pathlib import Path
from typing import Any

from tests.api.conftest import Member, bearer, settings_for, talking
from tests.importers.conftest import Account, make_account

COLUMNS = ("name", "domain", "phone", "city", "founded_year", "annual_revenue_cents", "description", "created_at")
KEPT = COLUMNS[:-1]
ROWS: list[tuple[Any, ...]] = [
    ("=1+1", "one.example", "+47 12", 'a "quoted", word', 1999, 9007199254740991, "two\nlines"),
    ("'apostrophe", None, "-5", "Ålesund, €", None, None, "a\ttab, and a ; semicolon"),
    ("plain", "two.example", None, None, 1850, 0, None),
]
MAPPING: dict[str, Any] = {
    "version": 1,
    "name": "exported",
    "sources": {"companies": {"file": "companies.csv"}},
    "rows": [{"module": "companies", "source": "companies", "key": "id", "columns": {name: name for name in KEPT}}],
}


async def rows(account: Account) -> list[tuple[Any, ...]]:
    async with account.acting() as session:
        found = await session.connection.fetch(f"select {', '.join(KEPT)} from crm.companies order by name")
    return [tuple(row) for row in found]


async def test_a_file_for_programs_is_imported_as_it_is(account: Account, tmp_path: Path) -> None:
    async with account.acting() as session:
        places = ", ".join(f"${number}" for number in range(1, len(KEPT) + 1))
        await session.connection.executemany(f"insert into crm.companies ({', '.join(KEPT)}) values ({places})", ROWS)
    headers = bearer(Member(account.slug, account.owner, 0))
    async with talking(settings_for(account.database), **headers) as client:
        wishes = {"columns": ["id", *COLUMNS], "spreadsheet": False}
        answer = await client.post("/export/companies.csv", json=wishes)
    assert answer.status_code == 200
    (tmp_path / "companies.csv").write_bytes(answer.content)

    other = await make_account(account.database, "other")
    summary = await other.bring(MAPPING, tmp_path)

    assert summary.refusals == []
    assert await rows(other) == await rows(account) == sorted(ROWS)
