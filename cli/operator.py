"""`cloison operator`: users who set kinds and tiers of accounts over GraphQL, and see no row by it."""

from typing import Annotated

import typer

from cli.administrator import Connection, administer, desk
from cli.output import answer, answer_json, say
from gateway.problems import Problem

app = typer.Typer(
    no_args_is_help=True,
    help="Operators: users who set kinds and tiers of accounts over GraphQL.",
    rich_markup_mode="markdown",
)

Email = Annotated[str, typer.Argument(help="E-mail of the user, who signs in as a member of some account.")]
IS_ONE = """
  select exists (select from access_private.operator o join access.app_user u on u.id = o.user_id
                  where u.email = access_private.address_key($1))
"""


@app.command(epilog="Example: `cloison operator add olaf@service.example`")
def add(email: Email) -> None:
    """Let a user set kinds and tiers of all accounts."""

    async def work(connection: Connection) -> None:
        if not await connection.fetchval(
            "select exists (select from access.app_user where email = access_private.address_key($1))", email
        ):
            raise Problem(
                f"{email} is no user: operators are members of some account, so `cloison member add` them first."
            )
        await connection.execute("select access.add_operator($1)", email)

    with desk() as at:
        administer(at, work)
    say(f"{email} may set kinds and tiers of accounts: mutation setAccount.")


@app.command(epilog="Example: `cloison operator remove olaf@service.example`")
def remove(email: Email) -> None:
    """Make an operator an ordinary user again, from the next statement on."""

    async def work(connection: Connection) -> None:
        if not await connection.fetchval(IS_ONE, email):
            raise Problem(f"{email} is not an operator: `cloison operator list` shows who is.")
        await connection.execute("select access.remove_operator($1)", email)

    with desk() as at:
        administer(at, work)
    say(f"{email} is not an operator any more.")


@app.command("list")
def list_(json: Annotated[bool, typer.Option("--json", help="Print the operators as JSON.")] = False) -> None:
    """List the operators."""

    async def work(connection: Connection) -> list[str]:
        rows = await connection.fetch(
            "select u.email from access_private.operator o join access.app_user u on u.id = o.user_id order by u.email"
        )
        return [row["email"] for row in rows]

    with desk() as at:
        found = administer(at, work)
    if json:
        answer_json(found)
    else:
        for each in found:
            answer(each)
