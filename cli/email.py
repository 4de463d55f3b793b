"""`cloison email`: e-mails that wait in the database, for whatever delivers them."""

from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from cli.administrator import Connection, administer, desk
from cli.output import answer, say
from gateway.problems import Problem

app = typer.Typer(no_args_is_help=True, help="E-mails that wait to be delivered.", rich_markup_mode="markdown")


@app.command("next", epilog="Example: `cloison email next --limit 10 | deliver`")
def next_(
    limit: Annotated[int, typer.Option(help="How many at most.", min=1, max=1000)] = 20,
    lease: Annotated[int, typer.Option(help="Seconds for which nobody else gets them.", min=1)] = 300,
) -> None:
    """Print e-mails to deliver, one JSON object a line: id, kind, recipient, details, secret (a token), attempts.

    What is not said to be delivered by `cloison email done` comes again when the lease is over.
    """

    async def work(connection: Connection) -> list[dict[str, Any]]:
        rows = await connection.fetch("select * from access.take_emails($1, $2 * interval '1 second')", limit, lease)
        return [{**row, "details": orjson.loads(row["details"])} for row in rows]

    with desk() as at:
        for email in administer(at, work):
            answer(orjson.dumps(email, default=str).decode())


@app.command(epilog="Example: `cloison email done 0190a6f0-7d3e-7b1c-8f5e-2d9c4b6a8e10`")
def done(emails: Annotated[list[UUID], typer.Argument(help="Ids of e-mails that were delivered.")]) -> None:
    """Say that e-mails were delivered: what is secret in them is forgotten."""

    async def work(connection: Connection) -> list[UUID]:
        return [each for each in emails if not await connection.fetchval("select access.email_delivered($1)", each)]

    with desk() as at:
        unknown = administer(at, work)
    if unknown:
        raise Problem(f"No e-mail waits under {', '.join(map(str, unknown))}.")
    say(f"{len(emails)} delivered.")
