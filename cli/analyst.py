"""`cloison analyst`: logins for psql, pandas and BI tools."""

from typing import Annotated

import typer

from cli.administrator import Connection, administer, desk, member
from cli.output import answer
from gateway.database import with_login

app = typer.Typer(no_args_is_help=True, help="Analysts: read-only logins of members.", rich_markup_mode="markdown")


@app.callback()
def group() -> None:
    """Keep `create` a command of its own while it is the only one."""


@app.command(
    epilog='Example: `psql "$(cloison analyst create --account acme --email grace@acme.example)"`',
)
def create(
    account: Annotated[str, typer.Option(help="Slug of the account.")],
    email: Annotated[str, typer.Option(help="E-mail of the member whose rows the login shows.")],
) -> None:
    """Make a login that shows exactly what the member sees, and print its URI and nothing else.

    The password is kept nowhere: who loses the URI makes another login. The embedded server goes on running for it,
    until `cloison stop`.
    """

    async def work(connection: Connection) -> tuple[str, str]:
        found = await member(connection, email, account)
        row = await connection.fetchrow(
            "select login, password from access.create_analyst($1, $2)", found.account, found.user
        )
        assert row is not None  # noqa: S101 - a function with out parameters has one row
        return row["login"], row["password"]

    with desk(keep=True) as at:
        login, password = administer(at, work)
        answer(with_login(at.urls.gateway_url, login, password))
