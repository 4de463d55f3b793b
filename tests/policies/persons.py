"""People who have signed in, with what they ask committed; and the office into which they are invited."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID, uuid4

import asyncpg
import orjson

from resolvers.session import Database, Identity, PoolOptions
from tests.policies.conftest import COMPILER, Play
from tests.support.model import Account, Exempt, Member, Team

# Who waits for somebody else on a busy machine is not refused.
OPTIONS = PoolOptions(min_size=1, max_size=8, lock_timeout=20, statement_timeout=30)
TOOLS = frozenset((tool, "configure", "all") for tool in ("users", "teams", "roles"))
DEALS = frozenset(("deals", action, "team") for action in ("view", "update"))
REPORTS = frozenset((("reports", "view", "team"),))
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("second", "Owner", super_admin=True),
        # Holds no reports, and reaches north.
        Member("admin", "admin", "north"),
        Member("twin", "admin", "north", exceptions=(Exempt("deny", ("deals", "update", "team")),)),
        Member("seller", "seller", "north"),
        Member("former", "seller", "north", active=False),
    ),
    (Team("north"), Team("oslo", "north"), Team("south"), Team("desk")),
    (("admin", DEALS | TOOLS), ("seller", DEALS), ("reporter", DEALS | REPORTS)),
    (("desk", "reporter"),),
)
RIVAL = Account("rival", (Member("rita", "Owner", super_admin=True), Member("root", "Owner")), (Team("abroad"),))
ACCEPT = """mutation ($token: String!) { acceptInvitation(input: {token: $token}) {
  account { id slug name kind } } }"""


class Answer(NamedTuple):
    """The data of a field, or what its error says."""

    data: Any
    error: dict[str, Any]
    message: str = ""

    @property
    def code(self) -> str:
        """The code of the error, or nothing."""
        return str(self.error.get("code", ""))


@dataclass
class Person:
    """Somebody who has signed in: the subject of their token, and the address that was verified."""

    email: str | None = field(default_factory=lambda: f"{uuid4().hex}@people.example")
    user: UUID = field(default_factory=uuid4)

    def identity(self, account: str | None = None) -> Identity:
        """Who the gateway takes them for."""
        return Identity(account, self.user, self.email)


@dataclass
class Desk:
    """Operations that are committed."""

    play: Play
    pool: Database

    def id(self, type_name: str, name: str) -> str:
        """The id of somebody or something of the office."""
        kinds: dict[str, Callable[[str], UUID]] = {"Role": self.play.role, "Team": self.play.team}
        return f"{type_name}:{kinds.get(type_name, self.play.built.user)(name)}"

    async def ask(self, identity: Identity, text: str, variables: dict[str, Any] | None = None) -> Answer:
        """One operation with one root field."""
        result = await COMPILER.prepare(text, None).bind(variables, identity).run(self.pool)
        data = orjson.loads(orjson.dumps(result.data)) or {}
        first = next(iter(data.values()), None)
        if result.errors:
            return Answer(first, dict(result.errors[0].extensions or {}), result.errors[0].message)
        return Answer(first, {})

    def member(self, name: str, account: str = "office") -> Identity:
        """A member of the office."""
        return Identity(self.play.built.slug(account), self.play.built.user(name))

    async def does(self, who: str, mutation: str, selection: str, account: str = "office", **given: Any) -> Answer:
        """A mutation of a member."""
        name = mutation[0].upper() + mutation[1:]
        text = f"mutation ($input: {name}Input!) {{ {mutation}(input: $input) {{ {selection} }} }}"
        return await self.ask(self.member(who, account), text, {"input": given})

    async def invites(self, who: str, email: str | None, role: str = "seller", **given: Any) -> Answer:
        """An invitation to the office; its id, or why not."""
        said = {"email": email, "roleId": self.id("Role", role), **given}
        answer = await self.does(who, "inviteMember", "invitation { id }", **said)
        return answer._replace(data=answer.data["invitation"]["id"]) if answer.data else answer

    async def token(self, invitation: str) -> str:
        """The token in the e-mail that waits."""
        found: str = await self.play.admin.fetchval(
            "select secret from access_private.email where about = $1 and delivered_at is null",
            UUID(invitation.partition(":")[2]),
        )
        return found

    async def invited(self, who: str, person: Person, role: str = "seller", **given: Any) -> str:
        """The token of a new invitation."""
        return await self.token((await self.invites(who, person.email, role, **given)).data)

    async def accepts(self, person: Person, token: str) -> Answer:
        """A person accepts."""
        return await self.ask(person.identity(), ACCEPT, {"token": token})

    async def membership(self, person: Person) -> tuple[str, str, int] | None:
        """Status, role and number of memberships that a person has in the office."""
        rows = await self.play.admin.fetch(
            "select m.status, r.name from access.membership m join access.role r"
            " on r.account_id = m.account_id and r.id = m.role_id"
            " where m.account_id = $1 and m.user_id = $2 and m.valid @> clock_timestamp()",
            self.play.account,
            person.user,
        )
        return (rows[0]["status"], rows[0]["name"], len(rows)) if rows else None


async def sqlstate(work: Awaitable[Any]) -> str:
    """How a statement ends: `done`, or the SQLSTATE."""
    try:
        await work
    except asyncpg.PostgresError as error:
        return error.sqlstate or ""
    return "done"
