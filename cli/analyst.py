"""`cloison analyst`: logins for psql, pandas and BI tools."""

import re
from typing import Annotated

import typer

from cli.administrator import Connection, administer, desk, member
from cli.output import answer
from gateway.database import as_service, with_login
from gateway.problems import Problem

app = typer.Typer(no_args_is_help=True, help="Analysts: read-only logins of members.", rich_markup_mode="markdown")


def _is_name(service: str | None) -> str | None:
    if service is not None and not re.fullmatch(r"[\w.-]+", service):
        raise typer.BadParameter("has letters, digits, dots, dashes and underscores")
    return service


@app.callback()
def group() -> None:
    """Keep `create` a command of its own while it is the only one."""


@app.command(
    epilog="Example: `(umask 077; cloison analyst create --account acme --email grace@acme.example --service grace >> "
    "~/.pg_service.conf)`, then `psql service=grace`. A URI among psql's arguments could be read by everybody on "
    "the machine.",
)
def create(
    account: Annotated[str, typer.Option(help="Slug of the account.")],
    email: Annotated[str, typer.Option(help="E-mail of the member whose rows the login shows.")],
    service: Annotated[
        str | None,
        typer.Option(help="Print a section of this name for pg_service.conf instead of a URI.", callback=_is_name),
    ] = None,
) -> None:
    """Make a login that shows exactly what the member sees, and print its URI and nothing else.

    The password is kept nowhere: who loses what is printed makes another login. The embedded server goes on running
    for it, until `cloison stop`.
    """

    async def work(connection: Connection) -> tuple[str, str]:
        found = await member(connection, email, account)
        if not found.active:
            raise Problem(f"{found.email} is deactivated in account {account}: a login would show nothing.")
        row = await connection.fetchrow(
            "select login, password from access.create_analyst($1, $2)", found.account, found.user
        )
        assert row is not None  # noqa: S101 - a function with out parameters has one row
        return row["login"], row["password"]

    with desk(keep=True) as at:
        login, password = administer(at, work)
        uri = with_login(at.urls.gateway_url, login, password)
        answer(f"{as_service(service, uri)}\n" if service else uri)
