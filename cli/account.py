"""`cloison account`: accounts, the tenants of the product."""

from typing import Annotated
from uuid import UUID

import typer

from cli.administrator import Connection, administer, desk
from cli.output import answer_json, say

app = typer.Typer(no_args_is_help=True, help="Accounts: one company's CRM portal each.", rich_markup_mode="markdown")


@app.command(
    epilog="Example: `cloison account create --slug acme --name 'Acme Ltd' --owner-email ada@acme.example`",
)
def create(
    slug: Annotated[str, typer.Option(help="Short name in tokens and headers: a-z, 0-9 and -.")],
    name: Annotated[str, typer.Option(help="Name that people see.")],
    owner_email: Annotated[str, typer.Option(help="E-mail of who will own it: a user is made where there is none.")],
    owner_name: Annotated[str | None, typer.Option(help="Name of a new owner; else what stands before the @.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the account as JSON.")] = False,
) -> None:
    """Make an account with its built-in roles and its first owner, who is also super admin."""

    async def work(connection: Connection) -> UUID:
        made: UUID = await connection.fetchval(
            "select access.create_account($1, $2, $3, $4)", slug, name, owner_email, owner_name
        )
        return made

    with desk() as at:
        made = administer(at, work)
    if json:
        answer_json({"id": made, "slug": slug, "name": name, "owner": owner_email.strip().lower()})
    else:
        say(f"Account {slug} is there, and {owner_email} owns it. A token: cloison token --email {owner_email}")


@app.command(epilog="Example: `cloison account subscribing --allow`")
def subscribing(
    allow: Annotated[
        bool, typer.Option("--allow/--refuse", help="Whether anybody who has signed in may make an account.")
    ],
) -> None:
    """Say whether people make accounts by the mutation `subscribeAccount`. At first, operators alone make them."""

    async def work(connection: Connection) -> None:
        await connection.execute("select access.allow_subscribing($1)", allow)

    with desk() as at:
        administer(at, work)
    say("Whoever has signed in may make an account." if allow else "Accounts are made by operators.")
