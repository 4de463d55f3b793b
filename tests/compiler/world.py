"""A small company for the compiler's tests: every type of value, nulls, ties, hidden rows, several scopes.

Everything follows from a fixed seed, so that golden answers stay the same.
"""

import datetime as dt
import json
import random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import asyncpg

from resolvers.session import Identity

SLUG = "acme"
START = dt.datetime(2026, 1, 5, 9, 0, tzinfo=dt.UTC)
CELLS: dict[str, dict[str, dict[str, list[str]]]] = {
    "lead": {
        "contacts": {"view": ["team"], "update": ["team"], "create": []},
        "companies": {"view": ["all"]},
        "deals": {"view": ["team"], "update": ["owned"], "delete": ["owned"], "assign": ["team"], "create": []},
        "tickets": {"view": ["team", "unassigned"], "update": ["unassigned"]},
        "landing_pages": {"view": ["team"], "update": ["created"]},
    },
    "rep": {
        "contacts": {"view": ["owned", "created"], "update": ["owned"], "create": [], "view_sensitive": ["owned"]},
        "companies": {"view": ["team"]},
        "deals": {"view": ["owned"], "update": ["owned"], "assign": ["owned"], "create": []},
    },
    "outsider": {"contacts": {"view": ["all"]}},
    "intake": {"contacts": {"create": []}},
}


@dataclass
class World:
    """Identities by the name of a person, and what was made."""

    account: UUID
    people: dict[str, UUID]
    teams: dict[str, UUID]
    rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def identity(self, name: str) -> Identity:
        """A person of the account."""
        return Identity(SLUG, self.people[name])

    def id(self, table: str, index: int) -> UUID:
        """The id of a row."""
        found: UUID = self.rows[table][index]["id"]
        return found


async def build(admin: "asyncpg.Connection[asyncpg.Record]") -> World:
    """Make the company. `admin` is a superuser."""
    account = await admin.fetchval("select access.create_account($1, 'Acme', 'olivia@acme.example', 'Olivia')", SLUG)
    await admin.fetchval("select access.create_account('other', 'Other', 'oscar@other.example', 'Oscar')")
    olivia = await admin.fetchval("select id from access.app_user where email = 'olivia@acme.example'")
    teams: dict[str, UUID] = {}
    for name, parent in (("North", None), ("Oslo", "North"), ("South", None)):
        teams[name] = await admin.fetchval(
            "select access.create_team($1, $2, $3)", account, name, teams.get(parent or "")
        )
    people = {"owner": olivia}
    for role, name, team in (
        ("lead", "lead", "North"),
        ("rep", "rep", "Oslo"),
        ("rep", "mate", "South"),
        ("outsider", "outsider", None),
        ("intake", "intake", None),
    ):
        role_id = await _role(admin, account, role)
        people[name] = await admin.fetchval(
            "select access.add_member($1, $2, $3, $4, $5)",
            account,
            f"{name}@acme.example",
            name.capitalize(),
            role_id,
            teams.get(team or ""),
        )
    world = World(account, people, teams)
    async with admin.transaction():
        await admin.execute("set local session_replication_role = replica")
        for table, rows in _rows(world).items():
            world.rows[table] = rows
            for row in rows:
                await _insert(admin, table, {"account_id": account, **row})
    await admin.execute("analyze")
    return world


async def _role(admin: "asyncpg.Connection[asyncpg.Record]", account: UUID, name: str) -> UUID:
    known = await admin.fetchval("select id from access.role where account_id = $1 and name = $2", account, name)
    if known:
        return UUID(str(known))
    cells = [
        {"module": module, "action": action, "scopes": scopes}
        for module, actions in CELLS[name].items()
        for action, scopes in actions.items()
    ]
    made: UUID = await admin.fetchval("select access.create_role($1, $2, $3)", account, name, json.dumps(cells))
    return made


async def _insert(admin: "asyncpg.Connection[asyncpg.Record]", table: str, row: dict[str, Any]) -> None:
    columns = ", ".join(row)
    places = ", ".join(f"${number}" for number in range(1, len(row) + 1))
    await admin.execute(f"insert into crm.{table} ({columns}) values ({places})", *row.values())


def _rows(world: World) -> dict[str, list[dict[str, Any]]]:
    """All rows by table, in an order that satisfies their references."""
    dice = random.Random(7)
    owners = [world.people[name] for name in ("owner", "lead", "rep", "mate")] + [None]
    teams = [*world.teams.values(), None]
    made: dict[str, list[dict[str, Any]]] = {}

    def uuid() -> UUID:
        return UUID(int=dice.getrandbits(128), version=4)

    def common(number: int, *, asset: bool = False) -> dict[str, Any]:
        at = START + dt.timedelta(hours=number // 2, microseconds=number // 2)
        reach: dict[str, Any] = (
            {
                "team_ids": dice.sample(list(world.teams.values()), dice.randint(0, 2)),
                "restricted": dice.choice([True, False]),
            }
            if asset
            else {"team_id": dice.choice(teams), "open_to_all": dice.randrange(7) == 0}
        )
        return {
            "id": uuid(),
            "owner_id": dice.choice(owners),
            "created_by": dice.choice(owners[:-1]),
            "created_at": at,
            "updated_at": at + dt.timedelta(days=dice.randint(0, 9)),
            "version": dice.randint(1, 4),
            **reach,
        }

    def maybe(value: Any, chance: float = 0.7) -> Any:
        return value if dice.random() < chance else None

    names = [
        "Ångström",
        "beta",
        "Beta",
        "Café",
        "delta",
        "Écho",
        "foxtrot 100%",
        "golf_course",
        "Hotel",
        "zulu",
        "o'Neill",
    ]
    companies: list[dict[str, Any]] = []
    for number in range(24):
        companies.append(
            {
                **common(number),
                "name": f"{dice.choice(names)} {number % 5}",
                "domain": maybe(f"site{number}.example"),
                "industry": maybe(dice.choice(["Retail", "Health", "retail"])),
                "phone": maybe(f"+47 {number:03}"),
                "city": maybe(dice.choice(["Oslo", "Bergen"])),
                "country": maybe(dice.choice(["Norway", "France"])),
                "founded_year": maybe(dice.randint(1950, 1960)),
                "employee_count": maybe(dice.randint(0, 5)),
                "annual_revenue_cents": maybe(dice.choice([0, 5, 9007199254740991])),
                "description": maybe('A "quoted"\nline\t\\ with € and 𝄞'),
                "parent_id": maybe(dice.choice(companies)["id"], 0.4) if companies else None,
            }
        )
    made["companies"] = companies
    made["contacts"] = [
        {
            **common(number),
            "first_name": maybe(dice.choice(["Ada", "Bo", "ada"])),
            "last_name": dice.choice(names),
            "email": maybe(f"person{number}@mail.example"),
            "phone": maybe(f"+33 {number:03}"),
            "job_title": maybe("Buyer"),
            "lifecycle_stage": dice.choice(["lead", "customer", "marketing_qualified"]),
            "country": maybe(dice.choice(["Norway", "France"])),
            "last_contacted_at": maybe(START + dt.timedelta(days=dice.randint(0, 3))),
            "company_id": maybe(dice.choice(companies)["id"]),
        }
        for number in range(40)
    ]
    made["deals"] = [
        {
            **common(number),
            "name": f"{dice.choice(names)} deal",
            "stage": dice.choice(["prospecting", "won", "lost"]),
            "product": maybe(dice.choice(["Basic", "plus", "Plus"])),
            "amount_cents": maybe(dice.choice([0, 100, 250, 250_000])),
            "probability": maybe(dice.choice([10, 50])),
            "engaged_on": maybe(dt.date(2026, 1, dice.randint(1, 4))),
            "closed_on": maybe(dt.date(2026, 2, dice.randint(1, 4)), 0.3),
            "company_id": maybe(dice.choice(companies)["id"]),
        }
        for number in range(60)
    ]
    made["tickets"] = [
        {
            **common(number),
            "subject": f"{dice.choice(names)} ticket",
            "status": dice.choice(["new", "waiting_on_us"]),
            "priority": dice.choice(["low", "urgent"]),
            "category": maybe("Billing"),
            "source": maybe("email"),
            "due_at": maybe(START + dt.timedelta(days=number)),
            "contact_id": maybe(dice.choice(made["contacts"])["id"]),
        }
        for number in range(20)
    ]
    made["landing_pages"] = [
        {
            **common(number, asset=True),
            "title": f"{dice.choice(names)} page",
            "slug": maybe(f"page-{number}"),
            "status": dice.choice(["draft", "published"]),
        }
        for number in range(16)
    ]
    pairs = {(dice.choice(made["deals"])["id"], dice.choice(made["contacts"])["id"]): None for _ in range(90)}
    made["deal_contacts"] = [{"deal_id": deal, "contact_id": contact} for deal, contact in pairs]
    made["contacts_sensitive"] = [
        {"id": row["id"], "birth_date": maybe(dt.date(1990, 1, 1)), "home_address": maybe("Street 1")}
        for row in made["contacts"][::2]
    ]
    made["deals_sensitive"] = [{"id": row["id"], "cost_cents": maybe(5)} for row in made["deals"][::3]]
    return made
