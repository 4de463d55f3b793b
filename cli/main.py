"""The `cloison` command: its verbs, and one sentence instead of a traceback."""

import os
import signal
import sys
import traceback
from types import FrameType
from typing import NoReturn

import typer

from cli import (
    account,
    analyst,
    database_url,
    demo,
    doctor,
    email,
    erase,
    failures,
    import_,
    member,
    migrate,
    operator,
    schema,
    serve,
    stop,
    token,
)
from cli.output import complain

app = typer.Typer(
    name="cloison",
    help="A GraphQL gateway over PostgreSQL, where the database decides who sees which row.\n\n"
    "Settings are environment variables, CLOISON_...; without CLOISON_DATABASE_URL, commands use a PostgreSQL of "
    "their own, and start it if it does not run. `cloison demo` shows everything at once.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)

START = "Start"
MANAGE = "Manage"
LOOK = "Look"

app.command("demo", rich_help_panel=START)(demo.demo)
app.command("serve", rich_help_panel=START)(serve.serve)
app.command("stop", rich_help_panel=START)(stop.stop)
app.command("migrate", rich_help_panel=MANAGE)(migrate.migrate)
app.add_typer(account.app, name="account", rich_help_panel=MANAGE)
app.add_typer(operator.app, name="operator", rich_help_panel=MANAGE)
app.add_typer(member.app, name="member", rich_help_panel=MANAGE)
app.add_typer(email.app, name="email", rich_help_panel=MANAGE)
app.add_typer(analyst.app, name="analyst", rich_help_panel=MANAGE)
app.add_typer(erase.app, name="erase", rich_help_panel=MANAGE)
app.command("import", rich_help_panel=MANAGE)(import_.import_)
app.command("token", rich_help_panel=LOOK)(token.token)
app.command("database-url", rich_help_panel=LOOK)(database_url.database_url)
app.command("schema", rich_help_panel=LOOK)(schema.schema)
app.command("doctor", rich_help_panel=LOOK)(doctor.doctor)


def main() -> None:
    """Run the command line; exit code 0, 1 (something to put right), 2 (usage) or 70 (a bug of ours)."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _leave)
    try:
        app()
    except Exception as error:  # noqa: BLE001 - the last resort of a command line
        if (problem := failures.problem(error)) is not None:
            complain(problem)
            sys.exit(1)
        if os.environ.get("CLOISON_LOG_LEVEL", "").lower() == "debug":
            traceback.print_exc()
        complain(
            f"Cloison has a bug: {type(error).__name__}: {error}. "
            "Run the command again with CLOISON_LOG_LEVEL=debug to see where, and report it."
        )
        sys.exit(70)


def _leave(number: int, _: FrameType | None) -> NoReturn:
    """End in order, so that what is held is let go of."""
    sys.exit(128 + number)


if __name__ == "__main__":
    main()
