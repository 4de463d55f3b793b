"""An office whose administrator holds no reports, and operations in it that are committed."""

from dataclasses import dataclass
from typing import Any

import orjson

from resolvers.session import Database, Identity
from schema.administration import ADMINISTRATION
from tests.policies.conftest import COMPILER, Play
from tests.support.model import Account, Exempt, Member, Row, Team

TOOLS = frozenset((tool, "configure", "all") for tool in ("users", "teams", "roles"))
DEALS = frozenset(("deals", action, "team") for action in ("view", "update"))
REPORTS = frozenset((("reports", "view", "team"),))
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        # Holds no reports.
        Member("admin", "admin", "north"),
        Member("twin", "admin", "north"),
        Member("seller", "seller", "north"),
        Member("reporter", "reporter", "north"),
        Member("gifted", "seller", "north", exceptions=(Exempt("grant", ("reports", "view", "team")),)),
    ),
    (Team("north"), Team("south")),
    (
        ("admin", DEALS | TOOLS),
        ("seller", DEALS),
        ("reporter", DEALS | REPORTS),
        ("nothing", frozenset()),
    ),
    rows=(
        Row("page", "landing_pages", "root", "root", open=True),
        Row("talk", "conversations", "root", "root", ("south",)),
        Row("contact", "contacts", "root", "root", ("south",)),
        Row("mailing", "marketing_emails", "root", "root", open=True),
        Row("list", "contact_lists", "root", "root", open=True),
        Row("deal", "deals", "root", "root", ("north",)),
        Row("ticket", "tickets", "root", "root", ("north",)),
    ),
    listed=(("list", "contact"),),
)
DEAL = {"module": "deals", "action": "view", "scopes": ["team"]}
REPORT = {"module": "reports", "action": "view", "scopes": ["team"]}


@dataclass
class Desk:
    """Operations of members that are committed."""

    play: Play
    pool: Database

    def id(self, type_name: str, name: str) -> str:
        """A global id."""
        kind = type_name.lower()
        found = self.play.built.user(name) if kind in ("member", "person") else self.play.built.id(kind, "office", name)
        return f"{type_name}:{found}"

    async def ask(self, who: str, text: str, variables: dict[str, Any] | None = None) -> tuple[Any, list[Any]]:
        """An operation: its data, and the extensions of its errors."""
        return await self.ask_as(Identity(self.play.built.slug("office"), self.play.built.user(who)), text, variables)

    async def ask_as(
        self, identity: Identity, text: str, variables: dict[str, Any] | None = None
    ) -> tuple[Any, list[Any]]:
        """The same, of anybody."""
        result = await COMPILER.prepare(text, None).bind(variables, identity).run(self.pool)
        return orjson.loads(orjson.dumps(result.data)), [error.extensions for error in result.errors]

    async def do(self, who: str, name: str, selection: str = "__typename", /, **given: Any) -> tuple[Any, str]:
        """A mutation: its payload, and the code of its error with the module that it names."""
        text = f"mutation ($input: {ADMINISTRATION[name].input_name}!) {{ {name}(input: $input) {{ {selection} }} }}"
        data, errors = await self.ask(who, text, {"input": given})
        said = " ".join(str(error[key]) for error in errors for key in ("code", "module") if key in error)
        return data[name], said
