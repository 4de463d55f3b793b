"""Statements as the gateway sends them for the member as whom a session acts."""

from typing import Any

import asyncpg
import orjson

from resolvers.compiler.render import Rendered
from resolvers.execution import Request
from resolvers.profile import Profile


async def entered_profile(gateway: "asyncpg.Connection[asyncpg.Record]") -> Profile:
    """The profile of a session that has entered."""
    name, reaches = await gateway.fetchrow("select access.profile()::text, access.reaches()") or ("", "{}")
    return Profile(name, orjson.loads(reaches))


def sent(request: Request, profile: Profile) -> tuple[Rendered, list[Any]]:
    """The statement of a query for a profile, and the values of its parameters."""
    rendered = request.operation.shared.statement(request.variant.parts[""], profile)
    return rendered, request.values(rendered.slots)
