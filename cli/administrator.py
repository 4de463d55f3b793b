"""The database as its administrator sees it, who acts outside of every account."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import TypeAlias, TypeVar
from uuid import UUID

import asyncpg

from gateway import settings as configured
from gateway.database import Urls, database
from gateway.problems import Problem
from gateway.settings import Settings
from migrations import definitions
from resolvers.releases import OLDEST_SUPPORTED, release, supported

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"
Result = TypeVar("Result")

CONNECT_SECONDS = 10
TOO_OLD = (
    "The server is PostgreSQL {}: use "
    + ", ".join(f"{major}.{minor}" for major, minor in OLDEST_SUPPORTED.items())
    + f" or later of these, or {max(OLDEST_SUPPORTED) + 1}; before, policies of roles were mixed up (CVE-2024-10976)."
)


@dataclass(frozen=True)
class Desk:
    """Settings with all secrets, and the URLs of a database that is there."""

    settings: Settings
    urls: Urls


@dataclass(frozen=True)
class Member:
    """Somebody in an account."""

    account: UUID
    slug: str
    user: UUID
    email: str
    active: bool


@contextmanager
def desk(*, keep: bool = False) -> Iterator[Desk]:
    """Read the settings and have the database there while the block runs."""
    settings = configured.load().with_secrets()
    with database(settings, keep=keep) as urls:
        yield Desk(settings, urls)


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Connection]:
    """Connect to a server that is new enough."""
    connection: Connection = await asyncpg.connect(
        url, timeout=CONNECT_SECONDS, server_settings={"application_name": "cloison command", "timezone": "UTC"}
    )
    try:
        version = connection.get_server_version()
        if not supported(version):
            raise Problem(TOO_OLD.format("{}.{}".format(*release(version))))
        yield connection
    finally:
        await connection.close()


@asynccontextmanager
async def connected_as_gateway(at: Desk) -> AsyncIterator[Connection]:
    """Connect as the gateway's login."""
    try:
        async with connected(at.urls.gateway_url) as connection:
            yield connection
    except (asyncpg.InvalidPasswordError, asyncpg.InvalidAuthorizationSpecificationError):
        raise Problem(
            "The database refuses the gateway's login: run `cloison migrate`, which sets its password to "
            "CLOISON_GATEWAY_PASSWORD or to the generated one, and see that pg_hba.conf lets cloison_gateway in."
        ) from None


def administer(at: Desk, work: Callable[[Connection], Awaitable[Result]]) -> Result:
    """Do `work` as the administrator in one transaction: all of it, or nothing."""

    async def run() -> Result:
        async with connected(at.urls.owner_url) as connection, connection.transaction():
            await require_superuser(connection)
            await require_current(connection)
            return await work(connection)

    return asyncio.run(run())


async def require_superuser(connection: Connection) -> None:
    """Refuse an administrator whom the policies would show nothing."""
    row = await connection.fetchrow("select rolname, rolsuper from pg_catalog.pg_roles where rolname = current_user")
    if row is None or not row["rolsuper"]:
        name = "the login" if row is None else row["rolname"]
        raise Problem(f"{name} is not a superuser, which administers Cloison: name one in CLOISON_DATABASE_URL.")


async def require_current(connection: Connection) -> None:
    """Refuse a database that this checkout has not migrated."""
    if not await definitions.is_current(connection):
        raise Problem("The database is not at this version of Cloison: run `cloison migrate`.")


async def because(connection: Connection, reason: str | None) -> None:
    """Say why the transaction changes access, for its history."""
    if reason is not None:
        await connection.execute("select access.because($1)", reason)


async def account_id(connection: Connection, slug: str) -> UUID:
    """Find an account by its slug."""
    found: UUID | None = await connection.fetchval("select id from access.account where slug = $1", slug)
    if found is None:
        raise Problem(
            f"There is no account {slug}{_choice(await slugs(connection))}: "
            "make one with `cloison account create`, or give another --account."
        )
    return found


async def member(connection: Connection, email: str, slug: str | None) -> Member:
    """Find a member by e-mail, in the named account or in their only one."""
    if slug is not None:
        await account_id(connection, slug)
    rows = await connection.fetch(
        """
        select a.id as account, a.slug, u.id as "user", u.email, m.status = 'active' as active
          from access.app_user u
          join access.membership m on m.user_id = u.id and m.valid @> statement_timestamp()
          join access.account a on a.id = m.account_id
         where u.email = access_private.address_key($1) and ($2::text is null or a.slug = $2)
         order by a.slug
        """,
        email.strip(),
        slug,
    )
    if not rows:
        where = f"account {slug}" if slug is not None else "any account"
        raise Problem(f"{email} is not a member of {where}: add them with `cloison member add`.")
    if len(rows) > 1:
        raise Problem(f"{email} is a member of {', '.join(row['slug'] for row in rows)}: say which with --account.")
    return Member(**rows[0])


async def slugs(connection: Connection) -> list[str]:
    """Slugs of all accounts, in order."""
    return [row["slug"] for row in await connection.fetch("select slug from access.account order by slug limit 11")]


def _choice(names: list[str]) -> str:
    if not names:
        return ""
    return f" (there is {', '.join(names[:10])}{', ...' if len(names) > 10 else ''})"
