"""`cloison erase`: people, for good, when they ask for it."""

from typing import Annotated
from uuid import UUID

import typer

from cli.administrator import Connection, account_id, administer, desk
from cli.output import say
from gateway.problems import Problem
from schema.modules import REGISTRY

app = typer.Typer(
    no_args_is_help=True,
    help="Erase people, for good: docs/erasure.md says what goes and what stays.",
    rich_markup_mode="markdown",
)
MODULES = tuple(module.name for module in REGISTRY.modules if module.known_as)
Reason = Annotated[
    str | None, typer.Option(help="Why, for the history of access, which keeps it: without the person's name.")
]


INVITED = "select exists (select from access.invitation where email = access_private.address_key($1))"


def _is_module(name: str) -> str:
    if name not in MODULES:
        raise typer.BadParameter(f"rows that are people are in {', '.join(MODULES)}")
    return name


@app.command(
    epilog="Example: `cloison erase row --account acme --module contacts --id 0190a6f0-0000-7000-8000-000000000000 "
    "--reason 'request 4711'`",
)
def row(
    account: Annotated[str, typer.Option(help="Slug of the account.")],
    module: Annotated[str, typer.Option(help=f"Its module: {', '.join(MODULES)}.", callback=_is_module)],
    row_id: Annotated[UUID, typer.Option("--id", help="Id of the row; it may be in the trash.")],
    reason: Reason = None,
) -> None:
    """Erase the person who is a row of a module, with all that an account knows of them alone."""

    async def work(connection: Connection) -> int | None:
        tenant = await account_id(connection, account)
        there = "select exists (select from access.trash where account_id = $1 and module = $2 and row_id = $3)"
        there += f" or exists (select from crm.{module} where account_id = $1 and id = $3)"
        if not await connection.fetchval(there, tenant, module, row_id):
            return None
        await connection.execute("select access.because($1)", reason)
        erased: int = await connection.fetchval(f"select access.erase_{module}($1, $2)", tenant, row_id)
        return erased

    with desk() as at:
        erased = administer(at, work)
    if erased is None:
        raise Problem(f"There is no row {row_id} among the {module} of {account}, nor in its trash.")
    say(f"Erased: {erased} rows of {account} are gone for good. Backups that were made before have them still.")


@app.command(
    epilog="Example: `cloison erase person --email grace@acme.example --reason 'request 4711'`",
)
def person(
    email: Annotated[str, typer.Option(help="E-mail of the user.")],
    account: Annotated[str | None, typer.Option(help="Slug of the only account to erase them from.")] = None,
    reason: Reason = None,
) -> None:
    """Erase a user's name and address, from one account or from all. They are removed as a member; rows stay."""

    async def work(connection: Connection) -> int | None:
        tenant = None if account is None else await account_id(connection, account)
        user: UUID | None = await connection.fetchval(
            """
            select u.id from access.app_user u
             where u.email = access_private.address_key($1)
               and ($2::uuid is null or exists (
                 select from access.member m where m.account_id = $2 and m.user_id = u.id and m.erased_at is null
               ))
            """,
            email,
            tenant,
        )
        if user is None and (tenant is not None or not await connection.fetchval(INVITED, email)):
            return None
        await connection.execute("select access.because($1)", reason)
        if tenant is None:
            everywhere: int = await connection.fetchval("select access.erase_person_everywhere($1)", email)
            return everywhere
        await connection.execute("select access.erase_member($1, $2)", tenant, user)
        return 1

    with desk() as at:
        accounts = administer(at, work)
    if accounts is None:
        raise Problem(f"{email} is nobody's e-mail{f' in {account}' if account else ''}: see `cloison member`.")
    say(f"Erased in {accounts} {'account' if accounts == 1 else 'accounts'}. Rows that they made stay.")
