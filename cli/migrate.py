"""`cloison migrate`: the database as this checkout says it should be."""

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from cli.administrator import Desk, connected, desk, require_superuser
from cli.output import answer, answer_json, complain, say

if TYPE_CHECKING:
    from migrations.runner import Report


def migrate(
    check: Annotated[
        bool, typer.Option("--check", help="Report how the database differs from this checkout, and change nothing.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print what was done, or how it differs, as JSON.")] = False,
) -> None:
    """Bring the database to this version: revisions, then functions, policies, triggers and grants, or nothing.

    Running it again changes nothing. With --check, exit code 1 tells that there are differences.
    """
    with desk() as at:
        if check:
            _check(at, json=json)
        else:
            _upgrade(at, json=json)


def upgrade(at: Desk) -> "Report":
    """Migrate, and set the password of the gateway's login."""
    # Alembic takes its time to load, and other commands have no need of it.
    from migrations import runner

    password = at.settings.gateway_password

    async def run() -> "Report":
        async with connected(at.urls.owner_url) as connection:
            await require_superuser(connection)
        return await runner.upgrade(at.urls.owner_url, password.get_secret_value() if password else None)

    return asyncio.run(run())


def _upgrade(at: Desk, *, json: bool) -> None:
    report = upgrade(at)
    if json:
        answer_json({"before": report.before, "after": report.after, "definitions_changed": report.definitions_changed})
    elif report.before == report.after and not report.definitions_changed:
        say(f"The database is at revision {report.after}: nothing to do.")
    else:
        path = "stays at" if report.before == report.after else f"went from {report.before or 'nothing'} to"
        say(f"The database {path} revision {report.after}, and sql/ is in force.")


def _check(at: Desk, *, json: bool) -> None:
    from migrations import runner

    async def run() -> list[str]:
        async with connected(at.urls.owner_url) as connection:
            await require_superuser(connection)
        return await runner.check(at.urls.owner_url)

    drift = asyncio.run(run())
    if json:
        answer_json({"drift": drift})
    else:
        for line in drift:
            answer(line)
    if drift:
        if not json:
            differs = "1 difference" if len(drift) == 1 else f"{len(drift)} differences"
            complain(f"{differs} from this checkout: `cloison migrate` brings the database to it.")
        raise typer.Exit(1)
    if not json:
        say("The database is as this checkout says.")
