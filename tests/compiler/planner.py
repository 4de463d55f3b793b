"""Explains and answers operations over the large account, as the gateway would send them."""

from collections.abc import Iterator
from typing import Any

import asyncpg
import orjson

from resolvers.operations import Compiler
from tests.compiler import large
from tests.support.profiles import entered_profile, sent

Node = dict[str, Any]


class Planner:
    """Explains operations as the gateway would send them."""

    def __init__(self, gateway: "asyncpg.Connection[asyncpg.Record]", account: large.Large, compiler: Compiler) -> None:
        self._gateway = gateway
        self._account = account
        self._compiler = compiler
        self._texts: list[str] = []

    def with_compiler(self, compiler: Compiler) -> "Planner":
        """One that has statements made by another compiler."""
        return Planner(self._gateway, self._account, compiler)

    def sent(self, part: str) -> bool:
        """Whether a statement that was answered had this in it."""
        return any(part in text for text in self._texts)

    async def ids_by_function(self, who: str, size: int) -> tuple[list[Any], list[Any]]:
        """Ids of the newest deals as the function tells them to a member, and as the member sees them."""
        async with self._gateway.transaction(readonly=True):
            await self._gateway.execute("select access.enter($1, $2)", large.SLUG, self._account.people[who])
            found = await self._gateway.fetchval(
                "select array(select access.page_of_deals($1, null, null, null, null, false))", size
            )
            seen = await self._gateway.fetchval(
                "select array(select d.id from crm.deals d order by d.created_at desc, d.id desc limit $1)", size
            )
        return found, seen

    async def nodes(self, who: str, mode: str, text: str, variables: dict[str, Any] | None = None) -> list[Node]:
        """All nodes of the plan for a member's operation, as it was executed."""
        request = self._compiler.prepare(text, None).bind(variables or {}, self._account.identity(who))
        async with self._gateway.transaction(readonly=True):
            await self._gateway.execute("select access.enter($1, $2)", large.SLUG, request.identity.user)
            rendered, given_values = sent(request, await entered_profile(self._gateway))
            await self._gateway.execute(f"set local plan_cache_mode = {mode}")
            await self._gateway.execute(f"prepare operation as {rendered.text}")
            values = [await self._literal(value) for value in given_values]
            given = f"({', '.join(values)})" if values else ""
            explain = f"explain (analyze, buffers, timing off, format json) execute operation{given}"
            # What a new session reads of the catalogue is not the statement's: the second time counts.
            await self._gateway.execute(explain)
            explained = await self._gateway.fetchval(explain)
            await self._gateway.execute("deallocate operation")
        return list(_walk(orjson.loads(explained)[0]["Plan"]))

    async def answer(self, who: str, text: str, variables: dict[str, Any] | None = None) -> Any:
        """What a member is answered."""
        request = self._compiler.prepare(text, None).bind(variables or {}, self._account.identity(who))
        async with self._gateway.transaction(readonly=True):
            await self._gateway.execute("select access.enter($1, $2)", large.SLUG, request.identity.user)
            rendered, values = sent(request, await entered_profile(self._gateway))
            self._texts.append(rendered.text)
            row = await self._gateway.fetchrow(rendered.text, *values)
        assert row is not None
        return orjson.loads(row["data"])

    async def _literal(self, value: object) -> str:
        if isinstance(value, bytes):
            return f"'\\x{value.hex()}'"
        return str(await self._gateway.fetchval("select quote_literal($1::text)", str(value)))


def _walk(node: Node) -> Iterator[Node]:
    yield node
    for child in node.get("Plans", ()):
        yield from _walk(child)
