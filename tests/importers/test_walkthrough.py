"""docs/walkthrough.md: a real company taken through, with everybody's numbers (X2, T3, T4, C7, T10)."""

import re
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

from schema.modules import REGISTRY
from schema.names import plural_field
from tests.api.conftest import Member, bearer, settings_for, talking
from tests.importers.conftest import Account, needs_published

pytestmark = [needs_published, pytest.mark.any_server]

DOCUMENT = (Path(__file__).parents[2] / "docs" / "walkthrough.md").read_text()
OWNER = "owner@maven.example"
SHUT_OUT = "shut out"
# How a session ends whose member has other rights by now.
STALE = (
    asyncpg.InvalidAuthorizationSpecificationError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.AdminShutdownError,
)
# What variables are the ids of: a type, its table, and what it is called there.
NAMED = {
    "salesManager": ("Role", "Sales manager"),
    "externalCollaborator": ("Role", "External collaborator"),
    "central": ("Team", "Central"),
    "east": ("Team", "East"),
    "west": ("Team", "West"),
    "north": ("Team", "North"),
    "summersTeam": ("Team", "Summer Sewald"),
    "melvinsTeam": ("Team", "Melvin Marxen"),
    "carasTeam": ("Team", "Cara Losch"),
    "ada": ("Contact", "of Acme"),
    "ben": ("Contact", "of Betatech"),
    "newsletter": ("MarketingEmail", "Newsletter"),
    "customers": ("ContactList", "Customers"),
    "darcel": ("Member", "Darcel Schlecht"),
    "carl": ("Person", "Carl Lin"),
}
LOOKS = {
    "Role": "select id from access.role where name = $1",
    "Team": "select id from access.team where name = $1",
    "Contact": "select id from crm.contacts where last_name = $1",
    "MarketingEmail": "select id from crm.marketing_emails where name = $1",
    "ContactList": "select id from crm.contact_lists where name = $1",
    "Member": "select user_id from access.member where name = $1",
    "Person": "select user_id from access.member where name = $1",
}
PART = re.compile(
    r"```graphql(?: as (?P<who>\S+))?\n(?P<text>.*?)```"
    r"|^\|(?P<head>[^|\n]+)\| before [^\n]*\n\|[-:| ]+\n(?P<rows>(?:\|[^\n]*\n)+)",
    re.DOTALL | re.MULTILINE,
)


@dataclass
class Operation:
    """What somebody does."""

    who: str
    text: str


@dataclass
class Table:
    """What is said of somebody, or of a module that somebody sees: before, predicted, after."""

    rows: dict[tuple[str, str], tuple[str, str, str]]


@dataclass
class Company:
    """The account, an application on top of it, and a database login for each of its people who is asked."""

    account: Account
    client: httpx.AsyncClient
    operator: "asyncpg.Connection[asyncpg.Record]"
    logins: dict[str, tuple[str, str]] = field(default_factory=dict)
    batch: str = ""

    async def user(self, email: str) -> Any:
        """The user with this address."""
        return await self.operator.fetchval("select id from access.app_user where email = $1", email)

    async def asks(self, who: str, text: str, variables: dict[str, Any] | None = None) -> dict[str, Any]:
        """An answer as it comes."""
        headers = bearer(Member("maven", await self.user(who), 0))
        sent = {"query": text, "variables": variables or {}}
        answer: dict[str, Any] = (await self.client.post("/graphql", json=sent, headers=headers)).json()
        return answer

    async def does(self, operation: Operation) -> dict[str, Any]:
        """An operation of the document, which is not refused; its data."""
        variables = {name: await self._id(name) for name in re.findall(r"\$(\w+): ID!", operation.text)}
        answer = await self.asks(operation.who, operation.text, variables)
        assert "errors" not in answer, answer
        data: dict[str, Any] = answer["data"]
        for payload in data.values():
            self.batch = payload.get("batchId", self.batch)
        return data

    async def predicts(self, operation: Operation) -> dict[tuple[str, str], str]:
        """What a dry run of it says, by person and module: the rows that they would lose and gain; nothing stays."""
        batch = self.batch
        (payload,) = (await self.does(Operation(operation.who, tried(operation.text)))).values()
        self.batch = batch
        return {
            (change["person"]["email"], change["module"]): " ".join(
                f"{sign}{change[said]:,}" for sign, said in (("-", "lost"), ("+", "gained")) if change[said]
            )
            for change in payload["preview"]["changes"]
            if change["action"] == "view" and change["gained"] + change["lost"]
        }

    async def _id(self, variable: str) -> str:
        if variable == "batch":
            return self.batch
        type_name, name = NAMED[variable]
        return f"{type_name}:{await self.operator.fetchval(LOOKS[type_name], name)}"

    async def in_graphql(self, who: str, module: str) -> str:
        """How many rows of a module somebody sees; none where the module is not theirs to see."""
        connection = plural_field(REGISTRY.by_name[module])
        answer = await self.asks(who, f"{{ {connection} {{ totalCount }} }}")
        codes = {error["extensions"]["code"] for error in answer.get("errors", ())}
        if codes:
            assert codes <= {"FORBIDDEN", "UNAUTHENTICATED"}
            return SHUT_OUT if "UNAUTHENTICATED" in codes else "0"
        return f"{answer['data'][connection]['totalCount']:,}"

    async def in_sql(self, who: str, module: str) -> str:
        """The same by a database login of theirs."""
        if who not in self.logins:
            made = await self.operator.fetchrow(
                "select login, password from access.create_analyst($1, $2)", self.account.id, await self.user(who)
            )
            assert made is not None
            self.logins[who] = made["login"], made["password"]
        # After a change the watchdog ends the sessions of a login, maybe one that has just begun; it connects anew.
        while True:
            try:
                analyst = await asyncpg.connect(self.account.database.login_dsn(*self.logins[who]))
            except asyncpg.InvalidAuthorizationSpecificationError:
                return SHUT_OUT
            try:
                return f"{await analyst.fetchval(f'select count(*) from {module}'):,}"
            except STALE:
                continue
            finally:
                await analyst.close()

    async def counts(self, table: Table) -> dict[tuple[str, str], set[str]]:
        """What both doors say of each line of a table."""
        return {
            (who, module): {await self.in_graphql(who, module), await self.in_sql(who, module)}
            for who, module in table.rows
        }


def tried(text: str) -> str:
    """A mutation as its dry run."""
    asking = text.replace("input: {", "input: { dryRun: true", 1)
    within = asking.rstrip().removesuffix("}").rstrip().removesuffix("}")
    return f"{within} preview {{ changes {{ person {{ email }} module action gained lost }} }} }} }}"


def parts(section: str) -> list[Operation | Table]:
    """Operations and tables of a section, in their order."""
    found: list[Operation | Table] = []
    for part in PART.finditer(section):
        if part["text"]:
            found.append(Operation(part["who"] or OWNER, part["text"]))
            continue
        rows = {}
        somebody = re.search(r"\S+@\S+", part["head"])
        for line in part["rows"].splitlines():
            first, before, predicted, after = (cell.strip() for cell in line.strip("|").split("|"))
            who, module = (somebody[0], first) if somebody else (first, "deals")
            rows[who, module] = before, predicted, after
        found.append(Table(rows))
    return found


SECTIONS = {text.partition("\n")[0]: parts(text) for text in DOCUMENT.split("\n## ")}


@pytest.fixture(scope="module")
async def company(maven: Account) -> AsyncIterator[Company]:
    async with talking(settings_for(maven.database)) as client, maven.operator() as operator:
        yield Company(maven, client, operator)


async def test_everybody_sees_what_the_document_says(company: Company) -> None:
    """One after the other: what a section begins with is what the one before has left."""
    tables = 0
    for title, section in SECTIONS.items():
        table: Table | None = None
        for part in section:
            if isinstance(part, Table):
                table = part
                found = await company.counts(table)
                assert found == {key: {before} for key, (before, _, _) in table.rows.items()}, f"{title}: before"
                continue
            if table is not None:
                predicted = await company.predicts(part)
                said = {key: change for key, (_, change, _) in table.rows.items() if change != "-"}
                assert {key: predicted[key] for key in table.rows if key in predicted} == said, f"{title}: predicted"
                found = await company.counts(table)
                assert found == {key: {before} for key, (before, _, _) in table.rows.items()}, f"{title}: tried"
            data = await company.does(part)
            if table is not None:
                found = await company.counts(table)
                assert found == {key: {after} for key, (_, _, after) in table.rows.items()}, f"{title}: after"
                tables, table = tables + 1, None
            for answer, expected in SAID.items():
                if f"{answer}(" in part.text:
                    assert data[answer] == expected
    assert tables == 5


# What operations of the document answer beside ids.
SAID = {
    "member": {"owns": [{"module": "deals", "count": 747}]},
    "sendMarketingEmail": {"recipients": 2, "leftOut": 0},
}
