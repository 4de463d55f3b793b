"""`cloison demo`: everything at once, with people to be."""

import asyncio
import os
from shutil import which
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from cli.administrator import Desk, desk
from cli.migrate import upgrade
from cli.output import answer, answers
from cli.progress import bars
from cli.serve import Host, Port, prepare, require_ready, run, url
from cli.token import sign

if TYPE_CHECKING:
    from demo import Tour


def demo(
    host: Host = None,
    port: Port = None,
    serve: Annotated[bool, typer.Option(help="Serve afterwards, or only make the accounts and show them.")] = True,
) -> None:
    """Make two demo accounts, show who to be in them, and serve with GraphiQL until Ctrl-C.

    The first run makes the database and fills it; the next ones find it as it was left.
    """
    readable = None if os.environ.get("CLOISON_LOG_FORMAT") else "console"
    settings = prepare(host=host, port=port, graphiql=True, log_format=readable) if serve else None
    with desk() as at:
        upgrade(at)
        tour = _tour(at)
        _show(tour)
        if settings is not None:
            require_ready(at)
            address = url(settings)
            answer(f"\nGraphiQL: {address}  (paste a token: it goes into the Authorization header). Ctrl-C ends it.")
            run(settings)


def _tour(at: Desk) -> "Tour":
    import demo as generator

    def token(user: UUID, account: str) -> str:
        return sign(at.settings, user, account)

    with bars() as progress:
        return asyncio.run(
            generator.run(operator=at.urls.owner_url, gateway=at.urls.gateway_url, sign=token, progress=progress)
        )


def _show(tour: "Tour") -> None:
    """Tokens come first: they are long, and what one reads is to be on the screen in the end."""
    answer("Tokens, good for `Authorization: Bearer ...`:\n")
    for persona in tour.personas:
        answer(f"  {persona.name} <{persona.email}>: {persona.remark}\n  {persona.token}\n")
    answers.print(_table(tour))
    answer("-: may not view these at all.\n")
    answer(f"A first query to paste:\n\n{tour.query}")
    analyst = tour.analyst
    answer(f"The same rows for {analyst.name} as an analyst, read-only, in plain SQL (in another terminal):\n")
    answer(f'  {_psql()} "$({_command()} analyst create --account {analyst.account} --email {analyst.email})"')


def _table(tour: "Tour") -> Table:
    """Who there is, and how many rows of each module they should see; 80 columns wide."""
    modules = next(persona.sees for persona in tour.personas if persona.sees is not None)
    table = Table(title="Who to be, and what they should see", title_justify="left", box=SIMPLE_HEAD, show_edge=False)
    table.padding = (0, 1, 0, 0)
    table.add_column("name\naccount", no_wrap=True)
    table.add_column("role\nteam", no_wrap=True)
    for module in modules:
        table.add_column(module.replace("_", "\n"), justify="right")
    for persona in tour.personas:
        sees = {} if persona.sees is None else persona.sees
        counts = ("-" if (count := sees.get(module)) is None else f"{count:,}" for module in modules)
        table.add_row(f"{persona.name}\n[dim]{persona.account}[/]", f"{persona.role}\n{persona.team}", *counts)
    return table


def _command() -> str:
    """How whoever reads this calls us: by path, unless the environment is active."""
    return "cloison" if os.environ.get("VIRTUAL_ENV") else ".venv/bin/cloison"


def _psql() -> str:
    """Where psql is; `make install` links ours where the machine has none."""
    return "psql" if which("psql") else ".venv/bin/psql"
