"""`cloison account`: accounts, the tenants of the product."""

from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

import orjson
import typer

from cli.administrator import Connection, account_id, administer, because, desk
from cli.output import answer, answer_each, answer_json, say
from gateway.problems import Problem
from schema.addresses import address_key

HUBS = ("marketing", "sales", "service", "cms", "operations")
TIERS = ("free", "professional", "enterprise")
ACCOUNTS = """
  select a.slug, a.name, a.kind,
         array(select t.hub || '=' || t.tier from access.account_tier t
                where t.account_id = a.id and t.valid @> statement_timestamp() order by t.hub) as tiers,
         array(select s.name from access.account_setting s
                where s.account_id = a.id and s.valid @> statement_timestamp() order by s.name) as settings
    from access.account a where $1::uuid is null or a.id = $1 order by a.slug
"""
NOTES = "select code, module, count, message from access.notes() order by place"


class Kind(StrEnum):
    """What a company is to this service."""

    CUSTOMER = "customer"
    SOLUTIONS_PARTNER = "solutions_partner"
    PROVIDER = "provider"


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
        answer_json({"id": made, "slug": slug, "name": name, "owner": address_key(owner_email)})
    else:
        say(f"Account {slug} is there, and {owner_email} owns it. A token: cloison token --email {owner_email}")


@app.command(epilog="Example: `cloison account subscribing --allow`")
def subscribing(
    allow: Annotated[
        bool, typer.Option("--allow/--refuse", help="Whether anybody who has signed in may make an account.")
    ],
    reason: Annotated[str | None, typer.Option(help="Why, for `cloison operator log`.")] = None,
) -> None:
    """Say whether people make accounts by the mutation `subscribeAccount`. At first, operators alone make them."""

    async def work(connection: Connection) -> None:
        await because(connection, reason)
        await connection.execute("select access.allow_subscribing($1)", allow)

    with desk() as at:
        administer(at, work)
    say("Whoever has signed in may make an account." if allow else "Accounts are made by operators.")


@app.command(
    "set", epilog="Example: `cloison account set --account acme --kind provider --tier marketing=professional`"
)
def set_(
    account: Annotated[str, typer.Option(help="Slug of the account.")],
    kind: Annotated[Kind | None, typer.Option(help="What the company is to this service; left out: it stays.")] = None,
    tier: Annotated[
        list[str] | None,
        typer.Option(
            help="HUB=TIER, once for each: marketing, sales, service, cms, operations; free, professional, enterprise."
        ),
    ] = None,
    reason: Annotated[str | None, typer.Option(help="Why, for the history of access.")] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Change nothing, and say what the account would be and what that means.")
    ] = False,
    json: Annotated[bool, typer.Option("--json", help="Print the account, and `notes` on what it means, as JSON.")] = (
        False
    ),
) -> None:
    """Set the kind of an account and its tiers, and say what that means. What is left out stays."""
    tiers = [_tier(each) for each in tier or ()]

    async def work(connection: Connection) -> dict[str, Any]:
        tenant = await account_id(connection, account)
        trial = connection.transaction()
        await trial.start()
        await because(connection, reason)
        await connection.execute(
            "select access.set_account($1, $2, $3::jsonb)", account, kind, orjson.dumps(tiers).decode()
        )
        notes = [dict(row) for row in await connection.fetch(NOTES)]
        found = (await _accounts(connection, tenant))[0]
        await (trial.rollback() if dry_run else trial.commit())
        return {**found, "notes": notes}

    with desk() as at:
        found = administer(at, work)
    if json:
        answer_json(found)
        return
    tell = answer if dry_run else say
    tell(("Nothing was changed. It would be: " if dry_run else "") + _line(found))
    for note in found["notes"]:
        tell(f"- {note['message']}")


@app.command(epilog="Example: `cloison account show --account acme`")
def show(
    account: Annotated[str, typer.Option(help="Slug of the account.")],
    json: Annotated[bool, typer.Option("--json", help="Print the account as JSON.")] = False,
) -> None:
    """Show the kind of an account, its tiers and its settings."""

    async def work(connection: Connection) -> dict[str, Any]:
        return (await _accounts(connection, await account_id(connection, account)))[0]

    with desk() as at:
        found = administer(at, work)
    if json:
        answer_json(found)
    else:
        answer(_line(found))


@app.command("list")
def list_(
    json: Annotated[bool, typer.Option("--json", help="Print the accounts as JSON.")] = False,
) -> None:
    """List all accounts with their kinds and tiers."""

    async def work(connection: Connection) -> list[dict[str, Any]]:
        return await _accounts(connection, None)

    with desk() as at:
        found = administer(at, work)
    answer_each(found, _line, json=json)


async def _accounts(connection: Connection, account: UUID | None) -> list[dict[str, Any]]:
    return [
        {
            "slug": row["slug"],
            "name": row["name"],
            "kind": row["kind"],
            "tiers": dict.fromkeys(HUBS, TIERS[0]) | dict(each.split("=") for each in row["tiers"]),
            "settings": row["settings"],
        }
        for row in await connection.fetch(ACCOUNTS, account)
    ]


def _line(account: dict[str, Any]) -> str:
    """An account in words."""
    tiers = ", ".join(f"{hub} {tier}" for hub, tier in account["tiers"].items() if tier != TIERS[0]) or "all hubs free"
    settings = "".join(f"; {name.replace('_', ' ')}" for name in account["settings"])
    return f"{account['slug']} ({account['name']}): {account['kind'].replace('_', ' ')}; {tiers}{settings}"


def _tier(text: str) -> dict[str, str]:
    hub, _, tier = text.partition("=")
    if hub not in HUBS or tier not in TIERS:
        raise Problem(
            f"--tier {text} is not a tier of a hub: give one of {', '.join(HUBS)}, then = and {', '.join(TIERS)}."
        )
    return {"hub": hub, "tier": tier}
