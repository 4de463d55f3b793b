"""A request of the plain Strawberry server: its transaction, its statements, its DataLoaders."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from typing import Any, TypeAlias, cast
from uuid import UUID

import asyncpg
from strawberry.dataloader import DataLoader

Row: TypeAlias = asyncpg.Record

CONTACT = "id, first_name, last_name, email, job_title, lifecycle_stage, city, created_at, company_id"
DEAL = "d.id, d.name, d.stage, d.amount_cents, d.probability, d.expected_close_on, d.created_at"
ONE_CONTACT = f"select {CONTACT} from crm.contacts where account_id = access.account_id() and id = $1"
COMPANIES = "select id, name, city from crm.companies where account_id = access.account_id() and id = any ($1::uuid[])"
DEALS_OF_CONTACTS = f"""
select asked.id as contact_id, deal.*
  from unnest($1::uuid[]) asked (id)
  cross join lateral (
    select {DEAL} from crm.deal_contacts p join crm.deals d on d.account_id = p.account_id and d.id = p.deal_id
     where p.account_id = access.account_id() and p.contact_id = asked.id
     order by d.created_at desc, d.id desc limit $2
  ) deal
"""
ACTIONS = ("view_sensitive", "update", "delete", "clone", "assign", "export")
WITHIN = (
    "access.record_within((select access.reach('contacts', '{}')), c.owner_id, c.created_by, c.team_key,"
    " (select access.user_id()), (select access.team_keys())) as {}"
)
ACCESS = " ".join(
    (
        "select c.id,",
        ", ".join(WITHIN.format(action, action) for action in ACTIONS),
        "from crm.contacts c where c.account_id = access.account_id() and c.id = any ($1::uuid[])",
    )
)
CREATE = f"""
insert into crm.contacts (first_name, last_name, email, job_title, city) values ($1, $2, $3, $4, $5) returning {CONTACT}
"""
UPDATE = f"""
update crm.contacts set job_title = $2 where account_id = access.account_id() and id = $1 returning {CONTACT}
"""


class Session:
    """The transaction of a request, its loaders, and who asks. A connection runs one statement at a time."""

    def __init__(self, account: str, user: UUID) -> None:
        self.account, self.user = account, user
        self.turn = asyncio.Lock()
        self.connection: Any = None
        self.companies = DataLoader(load_fn=self._companies)
        self.access = DataLoader(load_fn=self._access)
        self.deals: dict[int, DataLoader[UUID, list[Row]]] = {}

    async def fetch(self, text: str, *values: Any) -> list[Row]:
        """Rows of a statement."""
        async with self.turn:
            return cast("list[Row]", await self.connection.fetch(text, *values))

    def deals_of(self, first: int) -> "DataLoader[UUID, list[Row]]":
        """The loader of a contact's newest deals."""
        if first not in self.deals:

            async def load(contacts: list[UUID]) -> list[list[Row]]:
                found = defaultdict(list)
                for row in await self.fetch(DEALS_OF_CONTACTS, contacts, first):
                    found[row["contact_id"]].append(row)
                return [found[contact] for contact in contacts]

            self.deals[first] = DataLoader(load_fn=load)
        return self.deals[first]

    async def _companies(self, ids: list[UUID]) -> Sequence[Row | None]:
        found = {row["id"]: row for row in await self.fetch(COMPANIES, ids)}
        return [found.get(each) for each in ids]

    async def _access(self, ids: list[UUID]) -> Sequence[Row]:
        found = {row["id"]: row for row in await self.fetch(ACCESS, ids)}
        return [found[each] for each in ids]
