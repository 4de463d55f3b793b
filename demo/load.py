"""A demo account into the database: its structure by the operator, each row by whom it says made it.

The structure is one transaction, and so are the rows of one creator and module. What a killed run left out, the next
one finds missing and makes; when everything is there, a mark says so, and nothing is looked at any more.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TypeAlias
from uuid import UUID

import asyncpg
import orjson
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from demo.company import MODULES, Company, Row
from gateway.problems import Problem
from resolvers.session import Connection, Database, Identity
from schema.modules import REGISTRY
from schema.registry import Kind, Module

Operator: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

SOURCE, MARK = "cloison-demo", "complete"
PORTION = 500


class DemoFailed(Problem):
    """The demo accounts cannot be made; the message says what to do."""


@dataclass(frozen=True)
class Place:
    """Where a demo account is in this database: its id, and the ids of its people by e-mail and teams by key."""

    account: UUID
    people: dict[str, UUID]
    teams: dict[str, UUID]
    complete: bool


async def find(operator: Operator, company: Company) -> Place | None:
    """The account, if it has been made; DemoFailed when the slug is somebody else's."""
    account: UUID | None = await operator.fetchval("select id from access.account where slug = $1", company.slug)
    if account is None:
        return None
    people = await operator.fetch(
        """
        select u.email, u.id
          from access.member m join access.app_user u on u.id = m.user_id
         where m.account_id = $1 and u.email = any ($2::text[])
        """,
        account,
        list(company.person),
    )
    if company.owner.email not in {row["email"] for row in people}:
        raise DemoFailed(
            f"There is an account {company.slug} that is not the demo's: "
            "use another database (CLOISON_DATABASE_URL or CLOISON_DATA_DIR)."
        )
    teams = await operator.fetch("select name, id from access.team where account_id = $1 order by id desc", account)
    complete: bool = await operator.fetchval(
        "select exists (select from access.import_key where account_id = $1 and source = $2 and key = $3)",
        account, SOURCE, MARK,
    )  # fmt: skip
    return Place(account, {r["email"]: r["id"] for r in people}, {r["name"]: r["id"] for r in teams}, complete)


async def build(operator: Operator, company: Company) -> Place:
    """Make the account with its tiers, teams, roles and people: all of it or nothing."""
    async with operator.transaction():
        account: UUID = await operator.fetchval(
            "select access.create_account($1, $2, $3, $4)",
            company.slug, company.name, company.owner.email, company.owner.name,
        )  # fmt: skip
        for hub, tier in company.tiers.items():
            await operator.execute("select access.set_account_tier($1, $2, $3)", account, hub, tier)
        teams: dict[str, UUID] = {}
        for team in company.teams:
            teams[team.key] = await operator.fetchval(
                "select access.create_team($1, $2, $3)", account, team.name, teams[team.parent] if team.parent else None
            )
        for role in company.roles:
            cells: list[dict[str, object]] = [
                {"module": module, "action": action, "scopes": sorted(scopes)}
                for (module, action), scopes in role.cells.items()
            ]
            await operator.execute("select access.create_role($1, $2, $3)", account, role.name, _json(cells))
        people = await _hire(operator, company, account, teams)
    return Place(account, people, teams, complete=False)


async def _hire(operator: Operator, company: Company, account: UUID, teams: dict[str, UUID]) -> dict[str, UUID]:
    owner = await operator.fetchval("select id from access.app_user where email = $1", company.owner.email)
    people: dict[str, UUID] = {company.owner.email: owner}
    for person in company.people[1:]:
        people[person.email] = await operator.fetchval(
            "select access.add_member($1, $2, $3, access.role_id($1, $4), $5)",
            account, person.email, person.name, person.role, teams[person.team] if person.team else None,
        )  # fmt: skip
        for team in person.extra_teams:
            await operator.execute(
                "select access.join_team($1, $2, $3, false)", account, people[person.email], teams[team]
            )
    return people


async def fill(
    operator: Operator, database: Database, company: Company, place: Place, done: Callable[[int], None]
) -> None:
    """Make the rows that are missing, each as its creator; `done` is told how many rows are there."""
    statements = _Statements()
    for module in _in_order():
        created = await operator.fetch(
            f"select distinct created_by from {module.table} where account_id = $1",  # noqa: S608 - from the registry
            place.account,
        )
        present = {row["created_by"] for row in created}
        for email, rows in _by_creator(company, module).items():
            user = place.people[email]
            if user not in present:
                async with database.session(Identity(company.slug, user)) as session:
                    for portion in _portions(rows):
                        await _insert(session.connection, statements, module, portion, place)
            done(len(rows))


async def finish(operator: Operator, company: Company, place: Place) -> None:
    """Deactivate who is not active any more, and mark the account as whole."""
    async with operator.transaction():
        for person in company.people:
            if not person.active:
                await operator.execute(
                    "select access.set_status($1, $2, 'deactivated')", place.account, place.people[person.email]
                )
        await operator.execute(
            """
            insert into access.import_key (account_id, source, module, key, row_id, imported_by)
            values ($1, $2, 'companies', $3, access.uuid_v7(), $4)
            """,
            place.account, SOURCE, MARK, place.people[company.owner.email],
        )  # fmt: skip
    for module in MODULES:
        await operator.execute(f"analyze {module.table}")


async def _insert(
    connection: Connection, statements: "_Statements", module: Module, rows: list[Row], place: Place
) -> None:
    columns = tuple(dict.fromkeys(name for row in rows for name in row.values))
    records = [_record(row, module, place) for row in rows]
    # A column that only some rows fill must not keep its default from the others.
    defaults = {column.name: column.default for column in module.columns if column.default is not None}
    for record in records:
        for name in columns:
            record.setdefault(name, defaults.get(name))
    await connection.execute(statements.insert(module, columns), _json(records))
    if sensitive := [{"id": row.id, **row.sensitive} for row in rows if row.sensitive]:
        await connection.execute(statements.sensitive(module), _json(sensitive))
    if pairs := [{"deal_id": row.id, "contact_id": contact} for row in rows for contact in row.contacts]:
        await connection.execute(statements.links(module), _json(pairs))


def _record(row: Row, module: Module, place: Place) -> dict[str, object]:
    owner = place.people[row.owner] if row.owner else None
    if module.kind is Kind.RECORD:
        team = place.teams[row.team] if row.team else None
        reach: dict[str, object] = {"team_id": team, "open_to_all": row.is_open}
    else:
        reach = {"team_ids": [place.teams[team] for team in row.teams], "restricted": row.restricted}
    return {"id": row.id, "owner_id": owner, **reach, **row.values}


class _Statements:
    """SQL for the rows of a module, rendered from `templates/` with names of the registry alone."""

    @cached_property
    def _environment(self) -> Environment:
        # Not HTML: what is rendered is SQL, from names that are written in this repository.
        return Environment(  # noqa: S701
            loader=FileSystemLoader(Path(__file__).parent / "templates"), undefined=StrictUndefined
        )

    def insert(self, module: Module, columns: tuple[str, ...]) -> str:
        """Rows of the module with these columns."""
        known = tuple(module.column(name).name for name in columns)
        return self._environment.get_template("insert.sql").render(m=module, columns=known)

    def sensitive(self, module: Module) -> str:
        """Their sensitive companions."""
        return self._environment.get_template("sensitive.sql").render(m=module)

    def links(self, module: Module) -> str:
        """Their pairs with other rows."""
        (link,) = module.to_many
        return self._environment.get_template("links.sql").render(link=link)


def _json(records: Sequence[Mapping[str, object]]) -> str:
    """An array for the database; ids that the driver made are no `uuid.UUID` by type."""
    return orjson.dumps(records, default=str).decode()


def _in_order() -> Iterator[Module]:
    """Modules, those that others refer to first."""
    for name in ("companies", "contacts", "deals", "tickets", "landing_pages"):
        yield REGISTRY.by_name[name]


def _by_creator(company: Company, module: Module) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in company.rows:
        if row.module == module.name:
            found.setdefault(row.creator, []).append(row)
    return found


def _portions(rows: list[Row]) -> Iterator[list[Row]]:
    for first in range(0, len(rows), PORTION):
        yield rows[first : first + PORTION]
