"""`cloison demo`: everything at once, with people to be."""

import asyncio
import os
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.table import Table

from cli.administrator import Desk, desk
from cli.migrate import upgrade
from cli.output import answer, answers
from cli.progress import bars
from cli.serve import Host, Port, prepare, run, url
from cli.token import sign

if TYPE_CHECKING:
    from demo import Tour, TourPersona


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
    table = Table(title="Who to be", title_justify="left", show_lines=False)
    for heading in ("account", "name", "role", "team", "sees", "what to notice"):
        table.add_column(heading, overflow="fold")
    for persona in tour.personas:
        table.add_row(
            persona.account,
            f"{persona.name}\n{persona.email}",
            persona.role,
            persona.team,
            _sees(persona),
            persona.remark,
        )
    answers.print(table)
    answer("\nTokens, good for `Authorization: Bearer ...`:\n")
    for persona in tour.personas:
        answer(f"  {persona.name} ({persona.account}, {persona.role})\n  {persona.token}\n")
    answer(f"A first query to paste:\n\n{tour.query}")
    analyst = tour.analyst
    answer(f"The same rows for {analyst.name} as an analyst, read-only, in plain SQL (in another terminal):\n")
    answer(f'  psql "$({_command()} analyst create --account {analyst.account} --email {analyst.email})"')


def _sees(persona: "TourPersona") -> str:
    if persona.sees is None:
        return "is not let in"
    return "\n".join(f"{count:,} {module}" for module, count in persona.sees.items())


def _command() -> str:
    """How whoever reads this calls us: by path, unless the environment is active."""
    return "cloison" if os.environ.get("VIRTUAL_ENV") else ".venv/bin/cloison"
