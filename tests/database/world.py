"""Two companies for the tests of the database: known by name, with rows of every module, and somebody who is in both.

`north` has the teams region > west, east; `south` has harbour > pier. Every row is named for who owns it.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID, uuid4

import asyncpg

from schema.modules import REGISTRY
from schema.registry import Kind, Module

Connection = "asyncpg.Connection[asyncpg.Record]"
RECORDS = (*(module.name for module in REGISTRY.modules if module.kind is Kind.RECORD), "interactions")
ASSETS = tuple(module.name for module in REGISTRY.modules if module.kind is Kind.ASSET)
ROWS = "view update delete assign"


def cells(modules: tuple[str, ...], actions: str, *scopes: str) -> list[dict[str, Any]]:
    """Cells of a role, as access.create_role takes them."""
    return [
        {"module": module, "action": action, "scopes": scopes}
        for module in modules
        for action in actions.split()
        if action in (REGISTRY.by_name[module].action_names if module in REGISTRY.by_name else (action,))
    ]


ROLES: dict[str, list[dict[str, Any]]] = {
    "lead": cells(RECORDS, "view view_sensitive update delete assign create import", "team"),
    "rep": [
        *cells(RECORDS, "view", "owned", "created"),
        *cells(RECORDS, "update delete create assign", "owned"),
    ],
    "viewer": cells((*RECORDS, *ASSETS, "pipelines"), "view", "all"),
    "editor": cells(ASSETS, "view update create assign delete", "team"),
    "publisher": cells(("landing_pages",), "view publish", "team"),
    "partner": [*cells(RECORDS, "view view_sensitive update create import", "all"), *cells(("teams", "users"), "view")],
}
# Name: role, main team.
PEOPLE: dict[str, tuple[str, str | None]] = {
    "lena": ("lead", "region"),
    "rolf": ("rep", "west"),
    "ella": ("rep", "east"),
    "vera": ("viewer", "west"),
    "edgar": ("editor", "west"),
    "paula": ("publisher", "west"),
    "bo": ("partner", None),
}


@dataclass
class World:
    """Ids by name: `accounts`, `teams` and `roles` of north, `users`; `rows` by account, module and owner's name."""

    accounts: dict[str, UUID] = field(default_factory=dict)
    teams: dict[str, UUID] = field(default_factory=dict)
    roles: dict[str, UUID] = field(default_factory=dict)
    users: dict[str, UUID] = field(default_factory=dict)
    rows: dict[tuple[str, str, str], UUID] = field(default_factory=dict)
    # Login and password of analysts, by the member's name.
    analysts: dict[str, tuple[str, str]] = field(default_factory=dict)

    @property
    def north(self) -> UUID:
        """The account in which most tests act."""
        return self.accounts["north"]

    @property
    def south(self) -> UUID:
        """The other account."""
        return self.accounts["south"]

    def row(self, module: str, owner: str, account: str = "north") -> UUID:
        """The id of a row."""
        return self.rows[account, module, owner]


async def build(admin: "asyncpg.Connection[asyncpg.Record]") -> World:
    """Make both companies. `admin` is a superuser."""
    world = World()
    for slug, owner in (("north", "olga"), ("south", "sven")):
        await admin.execute("select access.create_account($1, $1, $2)", slug, f"{owner}@{slug}.example")
        world.accounts[slug] = await admin.fetchval("select id from access.account where slug = $1", slug)
        world.users[owner] = await admin.fetchval("select id from access.app_user where email like $1", f"{owner}@%")
        await admin.execute("select access.set_account_tier($1, 'cms', 'enterprise')", world.accounts[slug])
    for name, above in (("region", None), ("west", "region"), ("east", "region")):
        world.teams[name] = await admin.fetchval(
            "select access.create_team($1, $2, $3)", world.north, name, world.teams.get(above or "")
        )
    world.teams["harbour"] = await admin.fetchval("select access.create_team($1, 'harbour')", world.south)
    pier = await admin.fetchval("select access.create_team($1, 'pier', $2)", world.south, world.teams["harbour"])
    for name, held in ROLES.items():
        world.roles[name] = await admin.fetchval(
            "select access.create_role($1, $2, $3::jsonb)", world.north, name, json.dumps(held)
        )
    for name, (role, team) in PEOPLE.items():
        world.users[name] = await add_member(admin, world, name, role, team)
    # Bo is in both accounts.
    await admin.execute(
        "select access.add_member($1, 'bo@north.example', 'bo', access.role_id($1, 'Member'), $2)", world.south, pier
    )
    await _rows(admin, world, "north", (("rolf", "west"), ("ella", "east"), ("nobody", None)))
    await _rows(admin, world, "south", (("sven", "harbour"),))
    await _shares(admin, world)
    for name in ("lena", "vera"):
        login = await admin.fetchrow("select * from access.create_analyst($1, $2)", world.north, world.users[name])
        assert login is not None
        world.analysts[name] = (login["login"], login["password"])
    return world


async def add_member(
    admin: "asyncpg.Connection[asyncpg.Record]", world: World, name: str, role: str, team: str | None = None
) -> UUID:
    """A member of north with one of ROLES; the user's id."""
    member: UUID = await admin.fetchval(
        "select access.add_member($1, $2, $3, $4, $5)",
        world.north,
        f"{name}@north.example",
        name,
        world.roles[role],
        world.teams[team] if team else None,
    )
    return member


async def _rows(
    admin: "asyncpg.Connection[asyncpg.Record]", world: World, account: str, owners: tuple[tuple[str, str | None], ...]
) -> None:
    here = world.accounts[account]
    creator = world.users["olga" if account == "north" else "sven"]
    async with admin.transaction():
        # The engine acts for whom it has checked itself: no wall, no identity.
        await admin.execute("set local role cloison_engine")
        for module in REGISTRY.modules:
            for owner, team in owners:
                world.rows[account, module.name, owner] = row = uuid4()
                user = world.users.get(owner)
                values = _values(world, module, account, owner, creator) | _own(world, module, user, team)
                places = ", ".join(f"${number}" for number in range(1, len(values) + 1))
                await admin.execute(
                    f"insert into {module.table} ({', '.join(values)}) values ({places})", *values.values()
                )
                if module.sensitive:
                    await admin.execute(
                        f"insert into {module.sensitive_table} (account_id, id) values ($1, $2)", here, row
                    )
        for owner, _ in owners:
            for module in REGISTRY.modules:
                for link in module.to_one:
                    if link.name != "parent" and not link.parent:
                        await admin.execute(
                            f"update {module.table} set {link.column} = $3 where (account_id, id) = ($1, $2)",
                            here,
                            world.row(module.name, owner, account),
                            world.row(link.target, owner, account),
                        )
                for pair in module.to_many:
                    await admin.execute(
                        f"insert into crm.{pair.through} (account_id, {pair.column}, {pair.target_column})"
                        " values ($1, $2, $3)",
                        here,
                        world.row(module.name, owner, account),
                        world.row(pair.target, owner, account),
                    )
            await admin.execute(
                "insert into access.import_key (account_id, source, module, key, row_id, imported_by)"
                " values ($1, 'crm', 'deals', $2, $3, $4)",
                here,
                owner,
                world.row("deals", owner, account),
                world.users.get(owner, creator),
            )
        await admin.execute(
            "insert into access.outbox (account_id, module, row_id, list_id, sent_by, recipients, left_out)"
            " values ($1, 'marketing_emails', $2, $2, $3, '{}', 0)",
            here,
            uuid4(),
            world.users.get(owners[0][0], creator),
        )
        await admin.execute(
            "insert into access.outbox_content (account_id, module, row_id, content)"
            " select o.account_id, o.module, o.row_id, '{}' from access.outbox o where o.account_id = $1",
            here,
        )


async def _shares(admin: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """A share in each account, with somebody who sees everything anyway."""
    for slug, owner, receiver in (("north", "ella", "vera"), ("south", "sven", "sven")):
        await admin.execute(
            "insert into access.share (account_id, module, row_id, user_id, actions, given_by)"
            " values ($1, 'deals', $2, $3, '{view}', $4)",
            world.accounts[slug],
            world.row("deals", owner, slug),
            world.users[receiver],
            world.users["olga" if slug == "north" else "sven"],
        )


def _values(world: World, module: Module, account: str, owner: str, creator: UUID) -> dict[str, Any]:
    """Columns of a row that say what it is, and to which row it belongs."""
    return {
        "account_id": world.accounts[account],
        "id": world.row(module.name, owner, account),
        "created_by": world.users.get(owner) or creator,
        module.label: owner,
        **{link.column: world.row(link.target, owner, account) for link in module.parents[:1]},
    }


def _own(world: World, module: Module, user: UUID | None, team: str | None) -> dict[str, Any]:
    """Columns of owner and teams, where they are the row's own."""
    if module.kind not in (Kind.RECORD, Kind.ASSET):
        return {}
    teams, is_open = module.own_columns[1:]
    return {"owner_id": user, teams: _teams(world, module, team), is_open: False}


def _teams(world: World, module: Module, team: str | None) -> list[UUID] | UUID | None:
    if module.kind is Kind.ASSET:
        return [world.teams[team]] if team else []
    return world.teams[team] if team else None


@asynccontextmanager
async def rolled_back(connection: "asyncpg.Connection[asyncpg.Record]") -> AsyncIterator[None]:
    """A transaction, or a savepoint in one, of which nothing stays."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        yield
    finally:
        await transaction.rollback()


@asynccontextmanager
async def entered(
    connection: "asyncpg.Connection[asyncpg.Record]", world: World, name: str, account: str = "north"
) -> AsyncIterator[None]:
    """Act as a member; `connection` is a superuser's, who takes the gateway's login. Nothing stays.

    Within a transaction that has broken something, this is how to see what it broke without committing it.
    """
    async with rolled_back(connection):
        await connection.execute("set local session authorization cloison_gateway")
        await connection.fetchval("select access.enter($1, $2)", account, world.users[name])
        yield


@asynccontextmanager
async def logged_in(connection: "asyncpg.Connection[asyncpg.Record]", world: World, name: str) -> AsyncIterator[None]:
    """Act as an analyst's login; `connection` is a superuser's. Nothing stays."""
    async with rolled_back(connection):
        await connection.execute(f"set local session authorization {world.analysts[name][0]}")
        yield


async def refused(
    connection: "asyncpg.Connection[asyncpg.Record]", sqlstate: str, statement: str, *arguments: Any
) -> asyncpg.PostgresError:
    """Assert that the statement is refused with this SQLSTATE; its error. Nothing stays of what is not refused."""
    async with rolled_back(connection):
        try:
            await connection.fetch(statement, *arguments)
            await connection.execute("set constraints all immediate")
        except asyncpg.PostgresError as error:
            if error.sqlstate == sqlstate:
                return error
            raise AssertionError(f"{error.sqlstate} instead of {sqlstate}: {error}") from error
    raise AssertionError(f"was not refused: {statement}")
