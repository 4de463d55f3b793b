"""A large account, for plans: 200,000 deals, contacts and companies, and what binds them, loaded past triggers."""

import json
from dataclasses import dataclass
from uuid import UUID

import asyncpg

from resolvers.session import Identity
from tests.support.vacuuming import vacuum

SLUG = "large"
MEMBERS = 300
TEAMS = 60
CELLS = {
    "own": ["owned"],
    "made": ["created"],
    "team": ["team"],
    "old": ["team"],
    "mixed": ["owned", "created", "unassigned"],
    "wide": ["team"],
    "blind": [],
    "all": ["all"],
}
# The team of `old` has the oldest of the deals, and no others; `wide` has all teams.
OLD_DEALS = 500
# A row's number decides everything: its owner, and with that its team, is one of 300; colleagues created it.
COMMON = """account_id, id, owner_id, created_by, created_at, updated_at, team_id"""
ROWS = """
  $1, gen_random_uuid(), owner.id, creator.id, timestamptz '2024-01-01' + i * interval '1 minute', now(), owner.team_id
"""
OF = """
  from generate_series(1, {count}) i
  join pg_temp.person owner on owner.number = i::bigint * 7919 % 300
  join pg_temp.person creator on creator.number = i::bigint * 7907 % 300
"""
COMPANIES, CONTACTS, DEALS = 10_000, 60_000, 200_000
# Beyond the companies that there are: some rows have none.
EMPLOYERS = 11_000
LOADS = (
    f"insert into crm.companies ({COMMON}, name) select {ROWS}, md5(i::text) {OF.format(count=COMPANIES)}",
    "create temp table company as select id, row_number() over () as number from crm.companies where account_id = $1",
    f"""insert into crm.contacts ({COMMON}, last_name, first_name, email, company_id)
        select {ROWS}, md5(i::text), md5((i % 997)::text), md5(i::text) || '@mail.example', company.id
        {OF.format(count=CONTACTS)} left join pg_temp.company on company.number = i::bigint * 6571 % {EMPLOYERS}""",
    "create temp table contact as select id, row_number() over () as number from crm.contacts where account_id = $1",
    f"""insert into crm.deals ({COMMON}, name, stage, product, amount_cents, closed_on, company_id)
        select {ROWS}, md5((i * 3)::text), case when i % 5 = 0 then 'won' else 'engaging' end, 'Product ' || i % 40,
               nullif(i % 90000, 7), case when i % 3 = 0 then date '2024-01-01' + i % 700 end, company.id
        {OF.format(count=DEALS)} left join pg_temp.company on company.number = i::bigint * 6577 % {EMPLOYERS}""",
    "create temp table deal as select id, row_number() over () as number from crm.deals where account_id = $1",
    f"""insert into crm.deal_contacts (account_id, deal_id, contact_id)
       select $1, deal.id, contact.id from pg_temp.deal cross join generate_series(0, 2) n
         join pg_temp.contact on contact.number = 1 + (deal.number * 31 + n * 17093) % {CONTACTS}
        where n <= deal.number % 3""",
)
CHANGES = (
    "update crm.deals set owner_id = null where account_id = $1 and amount_cents % 97 = 5",
    f"""update crm.deals set team_id = (select id from access.team where account_id = $1 and name = 'Archive')
        where account_id = $1 and created_at <= timestamptz '2024-01-01' + {OLD_DEALS} * interval '1 minute'""",
)
TEMPORARY = ("person", "company", "contact", "deal")


@dataclass
class Large:
    """Members by the scopes with which they view every kind of record."""

    account: UUID
    people: dict[str, UUID]

    def identity(self, name: str) -> Identity:
        """A member of the account."""
        return Identity(SLUG, self.people[name])


async def build(admin: "asyncpg.Connection[asyncpg.Record]") -> Large:
    """Make the account. `admin` is a superuser outside of a transaction."""
    account = await admin.fetchval("select access.create_account($1, 'Large', 'all@large.example', 'All')", SLUG)
    west = await admin.fetchval("select access.create_team($1, 'West')", account)
    teams = [
        await admin.fetchval("select access.create_team($1, $2, $3)", account, f"Team {n}", west if n < 3 else None)
        for n in range(TEAMS)
    ]
    archive = await admin.fetchval("select access.create_team($1, 'Archive')", account)
    homes = {"team": west, "old": archive, "wide": archive}
    large = Large(account, {})
    for name, scopes in CELLS.items():
        cells = [
            {"module": module, "action": "view", "scopes": scopes} for module in ("companies", "contacts", "deals")
        ]
        role = await admin.fetchval("select access.create_role($1, $2, $3)", account, name, json.dumps(cells))
        large.people[name] = await admin.fetchval(
            "select access.add_member($1, $2, $3, $4, $5)",
            account,
            f"{name}@members.example",
            name,
            role,
            homes.get(name, teams[7]),
        )
    for team in teams:
        await admin.execute("select access.join_team($1, $2, $3)", account, large.people["wide"], team)
    # Substrings are searched for in contacts alone, and the index for that takes most of the time.
    trigrams = await admin.fetchval("select pg_get_indexdef('crm.contacts_trigrams'::regclass)")
    for module in ("companies", "contacts", "deals"):
        await admin.execute(f"drop index crm.{module}_trigrams")
    async with admin.transaction():
        await admin.execute("set local session_replication_role = replica")
        await admin.execute("create temp table person (number integer, id uuid, team_id uuid)")
        known = list(large.people.values())
        await admin.executemany(
            "insert into pg_temp.person values ($1, coalesce($2, gen_random_uuid()), $3)",
            [(n, known[n] if n < len(known) else None, teams[n % TEAMS]) for n in range(MEMBERS)],
        )
        await admin.execute(
            "insert into access.app_user (id, email) select id, id || '@large.example' from pg_temp.person"
            " on conflict do nothing"
        )
        await admin.execute(
            "insert into access.member (account_id, user_id, name)"
            " select $1, id, 'Member ' || number from pg_temp.person on conflict do nothing",
            account,
        )
        for load in (*LOADS, *CHANGES):
            await admin.execute(load, account)
        await admin.execute(f"drop table {', '.join(f'pg_temp.{name}' for name in TEMPORARY)}")
    await admin.execute(trigrams)
    await vacuum(admin)
    return large
