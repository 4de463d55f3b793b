"""`cloison operator`: users who set kinds and tiers of accounts over GraphQL, and see no row by it."""

from datetime import datetime
from typing import Annotated, Any

import orjson
import typer

from cli.administrator import Connection, administer, because, desk
from cli.output import answer_each, say
from gateway.problems import Problem

app = typer.Typer(
    no_args_is_help=True,
    help="Operators: users who set kinds and tiers of accounts over GraphQL.",
    rich_markup_mode="markdown",
)

Email = Annotated[str, typer.Argument(help="E-mail of the user, who signs in as a member of some account.")]
Reason = Annotated[str | None, typer.Option(help="Why, for the log of operators.")]
LOG = """
  select l.at, l.operator as by, l.kind, u.email, l.before, l.after, l.reason
    from access_private.operator_log l left join access.app_user u on u.id = l.user_id
   order by l.at desc, l.id desc limit $1
"""
IS_ONE = """
  select exists (select from access_private.operator o join access.app_user u on u.id = o.user_id
                  where u.email = access_private.address_key($1))
"""


@app.command(epilog="Example: `cloison operator add olaf@service.example`")
def add(email: Email, reason: Reason = None) -> None:
    """Let a user set kinds and tiers of all accounts."""

    async def work(connection: Connection) -> None:
        if not await connection.fetchval(
            "select exists (select from access.app_user where email = access_private.address_key($1))", email
        ):
            raise Problem(
                f"{email} is no user: operators are members of some account, so `cloison member add` them first."
            )
        await because(connection, reason)
        await connection.execute("select access.add_operator($1)", email)

    with desk() as at:
        administer(at, work)
    say(f"{email} may set kinds and tiers of accounts: mutation setAccount.")


@app.command(epilog="Example: `cloison operator remove olaf@service.example`")
def remove(email: Email, reason: Reason = None) -> None:
    """Make an operator an ordinary user again, from the next statement on."""

    async def work(connection: Connection) -> None:
        if not await connection.fetchval(IS_ONE, email):
            raise Problem(f"{email} is not an operator: `cloison operator list` shows who is.")
        await because(connection, reason)
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
    answer_each(found, str, json=json)


@app.command(epilog="Example: `cloison operator log --last 20`")
def log(
    last: Annotated[int, typer.Option(min=1, help="How many changes to show, the newest first.")] = 100,
    json: Annotated[bool, typer.Option("--json", help="Print the changes as JSON.")] = False,
) -> None:
    """Show who was made an operator or is none any more, and when people were let make accounts: by whom, and why."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return [
            {**row, "before": orjson.loads(row["before"] or "null"), "after": orjson.loads(row["after"] or "null")}
            for row in await connection.fetch(LOG, last)
        ]

    with desk() as at:
        found = administer(at, work)
    answer_each(found, _line, json=json)


def _line(change: dict[str, Any]) -> str:
    """A change in words."""
    at: datetime = change["at"]
    if change["kind"] == "subscribing":
        what = "anybody may make an account" if change["after"]["subscribing"] else "operators make accounts"
    else:
        who = change["email"] or "somebody"
        what = f"{who} is an operator" if change["after"] else f"{who} is not an operator any more"
    why = f": {change['reason']}" if change["reason"] else ""
    return f"{at:%Y-%m-%d %H:%M:%S} {change['by']}: {what}{why}"
