"""Applies `sql/`: functions, policies, triggers and grants as they are today, in the caller's transaction.

Every file is a Jinja template with the module registry as `registry`; one in a folder `module/` is rendered once for
each module, as `m`, one in a folder called as a kind of modules, or as how they are reached, for each of those.
Policies, triggers and views are dropped first, and functions that no file defines afterwards, so that a deleted file is
really gone. Without policies there are no rows: it fails closed.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Protocol

import jinja2
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from schema.modules import REGISTRY
from schema.registry import Registry
from schema.roles import BUILTIN_ROLES, PARTNER_ADMIN

SQL = Path(__file__).resolve().parent.parent / "sql"
SCHEMA = SQL.parent / "schema"
# A database that was migrated by an earlier version has no such column.
_HAS_SOURCES = """
select exists (
  select from pg_catalog.pg_attribute
   where attrelid = to_regclass('access_private.definition') and attname = 'sources' and not attisdropped
)
"""
STAGES = ("functions", "catalogue", "policies", "triggers", "grants")


class Connection(Protocol):
    """What is needed of an asyncpg connection."""

    async def execute(self, query: str, *args: Any) -> Any:
        """Run statements."""

    async def fetch(self, query: str, *args: Any) -> Any:
        """Rows of a statement."""

    async def fetchval(self, query: str, *args: Any) -> Any:
        """First value of the first row, or None."""


@dataclass(frozen=True, slots=True)
class Definition:
    """One rendered file: `path` below sql/, the module it was rendered for (or None), and its SQL."""

    path: str
    module: str | None
    sql: str

    @property
    def says_something(self) -> bool:
        """Whether there is more than comments: a module without pairs has no policies of pairs."""
        return any(line.strip() and not line.startswith("--") for line in self.sql.splitlines())


@cache
def environment() -> Environment:
    """The template environment of sql/: undefined names are errors."""
    return Environment(
        loader=FileSystemLoader(SQL),
        undefined=StrictUndefined,
        keep_trailing_newline=True,
        autoescape=False,  # noqa: S701 - the output is SQL, and all values are the registry's own
    )


def rendered(stage: str, registry: Registry = REGISTRY) -> Iterator[Definition]:
    """Render the files of a folder of sql/ in order: shared ones by name, then those of each kind for each module.

    A shared file whose number is 800 or more comes last, because it depends on those of the modules.
    """
    folder = SQL / stage
    shared = sorted(folder.glob("*.sql"))
    last = [path for path in shared if path.name[0] in "89"]
    for path in shared:
        if path not in last:
            yield _render(path, registry)
    for kind in ("module", "record", "asset", "shared", "child"):
        for path in sorted((folder / kind).glob("*.sql")):
            for module in registry.modules:
                if kind in ("module", module.kind, module.reach):
                    yield _render(path, registry, module.name)
    for path in last:
        yield _render(path, registry)


def _render(path: Path, registry: Registry, module: str | None = None) -> Definition:
    name = path.relative_to(SQL).as_posix()
    context: dict[str, Any] = {
        "registry": registry,
        "builtin_roles": BUILTIN_ROLES,
        "partner_admin": PARTNER_ADMIN,
    }
    if module is not None:
        context["m"] = registry.by_name[module]
    return Definition(name, module, environment().get_template(name).render(context))


def checksum(registry: Registry = REGISTRY) -> str:
    """Checksum of everything that `apply` would run, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    for stage in ("roles", *STAGES):
        for definition in rendered(stage, registry):
            digest.update(f"{definition.path}\0{definition.module}\0{definition.sql}\0".encode())
    return digest.hexdigest()


async def last_checksum(connection: Connection) -> str | None:
    """Checksum of what was applied last; None where nothing was."""
    if await connection.fetchval("select to_regclass('access_private.definition')") is None:
        return None
    found: str | None = await connection.fetchval(
        "select checksum from access_private.definition order by applied_at desc limit 1"
    )
    return found


def sources() -> str:
    """Checksum of the files that `rendered` reads, as 64 hexadecimal digits. Where it is the same, so is `checksum`.

    To render takes half a second, which is longer than most commands.
    """
    digest = hashlib.sha256(jinja2.__version__.encode())
    for folder, pattern in (
        (SQL, "*.sql"),
        (SQL, "*.jinja"),
        (SCHEMA, "*.py"),
        (Path(__file__).parent, Path(__file__).name),
    ):
        for path in sorted(folder.rglob(pattern)):
            digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes() + b"\0")
    return digest.hexdigest()


async def is_current(connection: Connection) -> bool:
    """Whether the definitions last applied are those of this checkout; for an administrator's connection."""
    if await connection.fetchval(_HAS_SOURCES):
        last = "select sources from access_private.definition order by applied_at desc limit 1"
        if await connection.fetchval(last) == sources():
            return True
    return await last_checksum(connection) == checksum()


def capability_version(registry: Registry = REGISTRY) -> str:
    """Changes whenever what can be held, or what built-in roles hold, changes; part of each profile's name."""
    catalogue = "".join(definition.sql for definition in rendered("catalogue", registry))
    return hashlib.sha256(catalogue.encode()).hexdigest()[:16]


async def run(connection: Connection, stage: str, registry: Registry = REGISTRY) -> None:
    """Run the files of one folder of sql/; an error names the file."""
    for definition in rendered(stage, registry):
        if not definition.says_something:
            continue
        try:
            await connection.execute(definition.sql)
        except Exception as error:
            error.add_note(f"in sql/{definition.path}" + (f" for {definition.module}" if definition.module else ""))
            raise


async def apply(connection: Connection, registry: Registry = REGISTRY, *, application: str = "cloison") -> None:
    """Bring sql/ into force, in the caller's transaction; recompute all profiles if they are not of here and now."""
    await drop_windows(connection)
    await _drop_policies_and_triggers(connection)
    former = await _functions(connection)
    await run(connection, "functions", registry)
    await _drop_orphans(connection, former)
    for stage in STAGES[1:]:
        await run(connection, stage, registry)
    version = capability_version(registry)
    if not await connection.fetchval("select access_private.are_profiles_of($1)", version):
        await connection.execute(
            "update access_private.installation i set registry_version = $1, database = d.oid"
            "  from pg_catalog.pg_database d where d.datname = current_database()",
            version,
        )
        await connection.execute("select access_private.refresh_all()")
    await connection.execute(
        "insert into access_private.definition (checksum, application, sources) values ($1, $2, $3)",
        checksum(registry),
        application,
        sources() if registry is REGISTRY else None,
    )


async def drop_windows(connection: Connection) -> None:
    """Drop what analysts read through: every column of every table is named there, and a revision may change it."""
    for row in await connection.fetch(
        "select format('drop view %s', c.oid::regclass) as command from pg_catalog.pg_class c"
        " where c.relkind = 'v' and c.relnamespace = to_regnamespace('analyst')"
    ):
        await connection.execute(row["command"])


async def _drop_policies_and_triggers(connection: Connection) -> None:
    for row in await connection.fetch("""
        select format('drop policy %I on %s', p.polname, p.polrelid::regclass) as command
          from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
         where c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
        union all
        select format('drop trigger %I on %s', t.tgname, t.tgrelid::regclass)
          from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
         where not t.tgisinternal
           and c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
        union all
        select format('drop view %s', c.oid::regclass) from pg_catalog.pg_class c
         where c.relkind = 'v' and c.relnamespace = 'crm'::regnamespace
        """):
        await connection.execute(row["command"])


async def _functions(connection: Connection) -> set[tuple[str, str]]:
    """Functions of ours by signature, each with where its definition is stored: replaced, it is stored elsewhere."""
    rows = await connection.fetch("""
        select p.oid::regprocedure::text as signature, p.ctid::text as stored
          from pg_catalog.pg_proc p
         where p.pronamespace in ('access'::regnamespace, 'access_private'::regnamespace)
        """)
    return {(row["signature"], row["stored"]) for row in rows}


async def _drop_orphans(connection: Connection, former: set[tuple[str, str]]) -> None:
    """Drop what was there before and was not defined again, such as a function that takes other arguments now."""
    orphans = sorted(signature for signature, _ in former & await _functions(connection))
    if orphans:
        # All at once: one may call another.
        await connection.execute(f"drop function {', '.join(orphans)}")
