"""`cloison import`: a CRM from CSV files."""

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from cli.administrator import Connection, Desk, Member, account_id, administer, desk, member
from cli.output import answer_json, answers, say
from cli.progress import bars
from gateway.problems import Problem
from importers import Mapping, Summary, load, run
from resolvers.session import Database, Identity

SHOWN = 20


def import_(
    mapping: Annotated[Path, typer.Argument(help="Mapping file (TOML): which column becomes what.")],
    data: Annotated[Path, typer.Option(help="Directory of the CSV files.", exists=True, file_okay=False)],
    account: Annotated[str, typer.Option(help="Slug of the account.")],
    as_: Annotated[
        str | None, typer.Option("--as", help="E-mail of the importing member; else the account's first super admin.")
    ] = None,
    rejects: Annotated[
        Path | None, typer.Option(help="Where refused lines go; else NAME.rejects.csv in this directory.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Do everything and keep nothing.")] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the summary as JSON.")] = False,
) -> None:
    """Import CSV files as a mapping file says, as a member, in one transaction.

    Lines that cannot go in are listed with file, line and reason, and the others go in. Running it again changes
    nothing. Examples of mapping files are in importers/examples.
    """
    plan = load(mapping)
    with desk() as at:
        summary = asyncio.run(_import(at, plan, data, _importer(at, account, as_), rejects, dry_run=dry_run))
    if json:
        answer_json(summary.as_json())
    else:
        _show(summary)


def _importer(at: Desk, account: str, email: str | None) -> Member:
    async def work(connection: Connection) -> Member:
        tenant = await account_id(connection, account)
        address = email or await connection.fetchval(
            """
            select u.email
              from access.membership m join access.app_user u on u.id = m.user_id
             where m.account_id = $1 and m.super_admin and m.status = 'active' and m.valid @> statement_timestamp()
             order by lower(m.valid), u.id limit 1
            """,
            tenant,
        )
        if address is None:
            raise Problem(f"Account {account} has no active super admin: say who imports with --as.")
        return await member(connection, address, account)

    return administer(at, work)


async def _import(
    at: Desk, plan: Mapping, data: Path, importer: Member, rejects: Path | None, *, dry_run: bool
) -> Summary:
    async with Database.connected(at.urls.gateway_url) as database:
        with bars() as progress:
            return await run(
                plan,
                data=data,
                identity=Identity(importer.slug, importer.user),
                database=database,
                rejects=rejects,
                dry_run=dry_run,
                progress=progress,
            )


def _show(summary: Summary) -> None:
    table = Table("", title=f"{summary.mapping} in {summary.account}", title_justify="left", box=SIMPLE_HEAD)
    for heading in ("new", "there already"):
        table.add_column(heading, justify="right")
    for kind, count in (*summary.structure.items(), *summary.rows.items()):
        table.add_row(kind, f"{count.inserted:,}", f"{count.unchanged:,}")
    answers.print(table)
    for refusal in summary.refusals[:SHOWN]:
        say(f"{refusal.file}:{refusal.line}: {refusal.reason}")
    if (more := len(summary.refusals) - SHOWN) > 0:
        say(f"... and {more:,} more")
    if summary.rejects is not None:
        say(f"Lines that did not go in are in {summary.rejects}.")
    if not summary.committed:
        say("This was a dry run: nothing was kept.")
