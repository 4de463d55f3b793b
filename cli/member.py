"""`cloison member`: people in an account."""

from typing import Annotated
from uuid import UUID

import typer

from cli.administrator import Connection, account_id, administer, desk, member
from cli.output import answer_json, say
from gateway.problems import Problem
from schema.addresses import address_key

app = typer.Typer(no_args_is_help=True, help="Members: people in an account.", rich_markup_mode="markdown")


@app.command(
    epilog="Example: `cloison member add --account acme --email grace@acme.example --role Member --team Sales`",
)
def add(
    account: Annotated[str, typer.Option(help="Slug of the account.")],
    email: Annotated[str, typer.Option(help="E-mail of the person: a user is made where there is none.")],
    role: Annotated[str, typer.Option(help="Owner, Administrator, Member, or a custom role of the account.")],
    name: Annotated[str | None, typer.Option(help="Name of a new user; else what stands before the @.")] = None,
    team: Annotated[str | None, typer.Option(help="Main team: its rows are reached, and own rows start there.")] = None,
    json: Annotated[bool, typer.Option("--json", help="Print the member as JSON.")] = False,
) -> None:
    """Make somebody a member of an account, with a role and a main team."""

    async def work(connection: Connection) -> UUID:
        tenant = await account_id(connection, account)
        made: UUID = await connection.fetchval(
            "select access.add_member($1, $2, $3, $4, $5)",
            tenant,
            email,
            name,
            await _role(connection, tenant, role),
            None if team is None else await _team(connection, tenant, team),
        )
        return made

    with desk() as at:
        made = administer(at, work)
    if json:
        answer_json({"id": made, "email": address_key(email), "account": account, "role": role, "team": team})
    else:
        say(f"{email} is a member of {account}. A token: cloison token --email {email} --account {account}")


@app.command(
    epilog=(
        "Example: `cloison member invite --account acme --email grace@acme.example --role Member --by ada@acme.example`"
    ),
)
def invite(
    account: Annotated[str, typer.Option(help="Slug of the account.")],
    email: Annotated[str, typer.Option(help="E-mail of the person, with which they will sign in.")],
    role: Annotated[str, typer.Option(help="Owner, Administrator, Member, or a custom role of the account.")],
    by: Annotated[str, typer.Option(help="E-mail of the member who invites: they have to hold what they give.")],
    name: Annotated[str | None, typer.Option(help="Name of the person; else what stands before the @.")] = None,
    team: Annotated[str | None, typer.Option(help="Main team.")] = None,
    days: Annotated[int, typer.Option(help="Days until it ends.", min=1, max=30)] = 7,
    json: Annotated[bool, typer.Option("--json", help="Print the invitation as JSON.")] = False,
) -> None:
    """Invite somebody into an account by e-mail, in the name of a member. The e-mail waits for `cloison email next`."""

    async def work(connection: Connection) -> UUID:
        tenant = await account_id(connection, account)
        made: UUID = await connection.fetchval(
            "select access.invite_member($1, $2, $3, $4, $5, '{}', clock_timestamp() + $6 * interval '1 day', $7)",
            tenant,
            email,
            name,
            await _role(connection, tenant, role),
            None if team is None else await _team(connection, tenant, team),
            days,
            (await member(connection, by, account)).user,
        )
        return made

    with desk() as at:
        made = administer(at, work)
    if json:
        address = address_key(email)
        answer_json({"id": made, "email": address, "account": account, "role": role, "team": team, "by": by})
    else:
        say(f"{email} is invited to {account}, for {days} days. The e-mail waits: cloison email next")


async def _role(connection: Connection, account: UUID, name: str) -> UUID:
    rows = await connection.fetch(
        "select id, name from access.role where account_id = $1 and deleted_at is null order by name", account
    )
    return _only(name, "role", [(row["id"], row["name"]) for row in rows])


async def _team(connection: Connection, account: UUID, name: str) -> UUID:
    rows = await connection.fetch(
        "select id, name from access.team where account_id = $1 and deleted_at is null order by name", account
    )
    return _only(name, "team", [(row["id"], row["name"]) for row in rows])


def _only(name: str, kind: str, rows: list[tuple[UUID, str]]) -> UUID:
    found = [identity for identity, known in rows if known == name]
    if not found:
        known = ", ".join(known for _, known in rows[:20]) or f"no {kind}"
        raise Problem(f"There is no {kind} {name} in the account: it has {known}.")
    if len(found) > 1:
        raise Problem(f"There are several teams called {name} in the account: give the member's team in the app.")
    return found[0]
