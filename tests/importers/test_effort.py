"""What an import costs grows with its lines, whatever the planner believes of tables that are new to it."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.importers.conftest import Account

pytestmark = pytest.mark.any_server

COMPANY = {"module": "companies", "source": "companies", "key": "id", "columns": {"name": "id"}}
DEAL = {"module": "deals", "source": "deals", "key": "id", "columns": {"name": "id", "company_id": "company"}}
MAPPING = {
    "version": 1,
    "name": "effort",
    "sources": {"companies": {"file": "companies.csv"}, "deals": {"file": "deals.csv"}},
    "rows": [COMPANY, DEAL],
}
LINES = 2_000

READ = """
select sum(t.seq_tup_read) + sum(i.read)
  from pg_stat_user_tables t
 cross join lateral (select sum(x.idx_tup_read) as read from pg_stat_user_indexes x where x.relid = t.relid) i
 where t.relid in ('crm.deals'::regclass, 'access.import_key'::regclass)
"""


async def test_rows_read_are_a_few_for_each_line(account: Account, files: Callable[..., Path]) -> None:
    deals = "".join(f"d{number},c\n" for number in range(LINES))
    # A first block of a single line: what is planned for it serves the many lines of the second.
    summary = await account.bring(MAPPING, files(companies="id\nc\n", deals=f"id,company\n{deals}"))

    assert summary.rows["deals"].inserted == LINES
    async with account.operator() as operator:
        assert LINES <= await operator.fetchval(READ) < 5 * LINES
