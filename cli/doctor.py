"""`cloison doctor`: whether everything is as it needs to be."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from cli import failures
from cli.administrator import Connection, Desk, connected, connected_as_gateway, desk, require_superuser
from cli.connections import advice, room
from cli.output import answer_json, answers
from gateway.database import GATEWAY
from gateway.problems import Problem
from gateway.settings import unknown_variables
from migrations.audit import audit
from resolvers.releases import release

FIXED_ROLES = (
    "cloison_owner",
    "cloison_engine",
    "cloison_role_maker",
    "cloison_signaller",
    "cloison_reader",
    "cloison_member",
    "cloison_window",
    "cloison_analyst",
    GATEWAY,
)


@dataclass(frozen=True)
class Finding:
    """What was looked at, and what to do about it; None if nothing."""

    check: str
    advice: str | None


def doctor(json: Annotated[bool, typer.Option("--json", help="Print the findings as JSON.")] = False) -> None:
    """Check settings, server, roles, drift and the audits of sql/audit; exit code 1 if anything is to be done."""
    findings = _examine()
    if json:
        answer_json([{"ok": finding.advice is None, **asdict(finding)} for finding in findings])
    else:
        for finding in findings:
            answers.print("[green]ok[/]   " if finding.advice is None else "[red]todo[/] ", end="")
            answers.print(
                finding.check if finding.advice is None else f"{finding.check}: {finding.advice}",
                markup=False,
                soft_wrap=True,
            )
    if any(finding.advice for finding in findings):
        raise typer.Exit(1)


def _examine() -> list[Finding]:
    findings = [Finding("variables", _variables())]
    try:
        with desk() as at:
            findings.append(Finding("settings and secrets", None))
            findings += asyncio.run(_examine_database(at))
    except Exception as error:  # noqa: BLE001 - a doctor reports what he finds
        findings.append(Finding("settings and server", failures.problem(error) or f"{type(error).__name__}: {error}"))
    return findings


def _variables() -> str | None:
    unknown = unknown_variables()
    return f"unset {', '.join(unknown)}: no setting is called that." if unknown else None


async def _examine_database(at: Desk) -> list[Finding]:
    url = at.urls.owner_url
    findings = []
    async with connected(url) as connection:
        findings.append(Finding("server version {}.{}".format(*release(connection.get_server_version())), None))
        for name, check in (("administrator", require_superuser), ("roles", _roles)):
            findings.append(await _finding(name, check(connection)))
    findings.append(await _finding("gateway's login", _gateway(at)))
    findings.append(await _finding("connections", _connections(at)))
    findings.append(await _finding("drift", _drift(url)))
    return findings + [finding async for finding in _audits(url)]


async def _finding(name: str, check: Awaitable[None]) -> Finding:
    try:
        await check
    except Exception as error:  # noqa: BLE001 - as above
        return Finding(name, failures.problem(error) or f"{type(error).__name__}: {error}")
    return Finding(name, None)


async def _roles(connection: Connection) -> None:
    rows = await connection.fetch(
        "select rolname, rolsuper, rolbypassrls, rolcanlogin from pg_catalog.pg_roles where rolname like 'cloison\\_%'"
    )
    found = {row["rolname"] for row in rows}
    if missing := [name for name in FIXED_ROLES if name not in found]:
        raise Problem(f"not there: {', '.join(missing)}; run `cloison migrate`.")
    if strong := [row["rolname"] for row in rows if row["rolsuper"] or row["rolbypassrls"]]:
        raise Problem(f"{', '.join(strong)} is past all policies: `alter role ... nosuperuser nobypassrls`.")
    logins = {row["rolname"] for row in rows if row["rolcanlogin"]}
    if wrong := sorted(name for name in logins if name != GATEWAY and not name.startswith("cloison_a_")):
        raise Problem(f"{', '.join(wrong)} may log in: `alter role ... nologin`.")


async def _gateway(at: Desk) -> None:
    async with connected_as_gateway(at) as connection:
        if (user := await connection.fetchval("select session_user")) != GATEWAY:
            raise Problem(
                f"CLOISON_GATEWAY_URL logs in as {user}: it must be {GATEWAY}, whom alone the policies trust."
            )


async def _connections(at: Desk) -> None:
    async with connected_as_gateway(at) as connection:
        if said := advice(at.settings, await room(connection)):
            raise Problem(said)


async def _drift(url: str) -> None:
    # Alembic takes its time to load, and other commands have no need of it.
    from migrations import runner

    if lines := await runner.check(url):
        raise Problem("; ".join(lines[:3]) + (f"; and {len(lines) - 3} more" if len(lines) > 3 else "") + ".")


async def _audits(url: str) -> AsyncIterator[Finding]:
    async with connected(url) as connection:
        if await connection.fetchval("select to_regnamespace('access_private')") is None:
            return
        for path, violations in (await audit(connection)).items():
            yield Finding(path.removesuffix(".sql"), _advice(path, violations))


def _advice(path: str, violations: list[str]) -> str | None:
    if not violations:
        return None
    more = f" and {len(violations) - 1} more" if len(violations) > 1 else ""
    return f"{violations[0]}{more}. sql/{path} begins with how to mend it."
