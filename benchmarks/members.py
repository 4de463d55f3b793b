"""Who asks: members of each scope, with tokens, and what of their rows the requests are about."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

import asyncpg
import jwt

from benchmarks.people import SCOPES
from benchmarks.problems import BenchmarkError
from resolvers.profile import Profile

SECRET = "a secret of the benchmark, of thirty-two bytes or more"  # noqa: S105 - of servers that live for minutes
CURSOR_SECRET = "another secret of the benchmark, for cursors"  # noqa: S105 - likewise
DAY = 24 * 3600
# Of each scope: so many of the large account, and so many of each of two small ones.
LARGE, SMALL = 8, 1
ACCOUNTS = (("bench-0", LARGE), ("bench-1", SMALL), ("bench-2", SMALL))
SAMPLE = 20
# Q8: a thousand pages of twenty rows.
DEEP = 20_000


@dataclass(frozen=True)
class Member:
    """A member with what `access.enter` sets, and rows that he sees: a sample, and one far from the first page."""

    scope: str
    slug: str
    account: UUID
    user: UUID
    profile: Profile
    team_keys: str
    sample: tuple[UUID, ...]
    rows: int
    deep: UUID

    @property
    def token(self) -> str:
        """A bearer token."""
        claims = {"sub": str(self.user), "account": self.slug, "iss": "cloison", "aud": "cloison"}
        return jwt.encode({**claims, "exp": int(time.time()) // DAY * DAY + 2 * DAY}, SECRET, algorithm="HS256")

    @property
    def settings(self) -> dict[str, str]:
        """What a transaction of his is under, as `access.enter` sets it."""
        return {
            "cloison.account_id": str(self.account),
            "cloison.user_id": str(self.user),
            "cloison.team_keys": self.team_keys,
            "role": self.profile.name,
        }


async def find(admin_url: str, gateway_url: str, scopes: Sequence[str] = SCOPES) -> list[Member]:
    """The members that ask, scopes in turn, so that neighbours in a list have different profiles."""
    admin = await asyncpg.connect(admin_url)
    gateway = await asyncpg.connect(gateway_url)
    try:
        found = {
            scope: [
                await _member(gateway, scope, slug, row["account_id"], row["user_id"])
                for slug, wanted in ACCOUNTS
                for row in await admin.fetch(_CHOOSE, slug, f"{scope}-%", wanted)
            ]
            for scope in scopes
        }
    finally:
        await admin.close()
        await gateway.close()
    return [member for turn in zip(*found.values(), strict=True) for member in turn]


async def of_email(
    admin: "asyncpg.Connection[asyncpg.Record]", gateway: "asyncpg.Connection[asyncpg.Record]", slug: str, name: str
) -> Member:
    """The member with this name in an account."""
    row = await admin.fetchrow(
        """
        select m.account_id, m.user_id from access.member m
          join access.app_user u on u.id = m.user_id join access.account a on a.id = m.account_id
         where a.slug = $1 and u.email = $2
        """,
        slug,
        f"{name}@{slug}.example",
    )
    if row is None:
        raise BenchmarkError(
            f"There is no {name} in {slug}: the account set is not this generator's. Remove its directory."
        )
    return await _member(gateway, name, slug, row["account_id"], row["user_id"])


# Spread over the members, who are numbered as the teams are: small numbers stand high in the tree.
_CHOOSE = """
select account_id, user_id from (
  select m.account_id, m.user_id, row_number() over (order by u.email collate "C") as number,
         count(*) over () as members
    from access.member m join access.app_user u on u.id = m.user_id join access.account a on a.id = m.account_id
   where a.slug = $1 and u.email like $2
) numbered
where number % greatest(1, members / $3::integer) = 0 order by number limit $3
"""

# Rows of a member as the first page orders them, each with its place.
_SAMPLE = """
with numbered as (
  select id, row_number() over (order by created_at desc, id desc) as place, count(*) over () as rows from crm.contacts
)
select id, place, rows from numbered
 where place % greatest(1, rows / $1) = 0 or place = least($2, greatest(1, rows / 2)) order by place
"""


async def _member(
    gateway: "asyncpg.Connection[asyncpg.Record]", scope: str, slug: str, account: UUID, user: UUID
) -> Member:
    async with gateway.transaction():
        name: str = await gateway.fetchval("select access.enter($1, $2)", slug, user)
        profile = Profile(name, json.loads(await gateway.fetchval("select access.reaches()")))
        keys: str = await gateway.fetchval("select current_setting('cloison.team_keys')")
        found = await gateway.fetch(_SAMPLE, SAMPLE, DEEP)
    rows: int = found[0]["rows"]
    far = min(DEEP, max(1, rows // 2))
    deep = next(row["id"] for row in found if row["place"] == far)
    sample = tuple(row["id"] for row in found if row["place"] != far)[:SAMPLE]
    return Member(scope, slug, account, user, profile, keys, sample, rows, deep)
