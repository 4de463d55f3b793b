"""`cloison database-url`: where psql finds the database."""

from enum import StrEnum
from typing import Annotated

import typer

from cli.administrator import desk
from cli.output import answer


class Login(StrEnum):
    """Whose URL."""

    OWNER = "owner"
    GATEWAY = "gateway"


def database_url(
    login: Annotated[
        Login,
        typer.Option(
            "--as",
            help="owner: the administrator, who sees all rows; gateway: the login that enters members' profiles.",
        ),
    ] = Login.OWNER,
) -> None:
    """Print the database's URL for psql, and nothing else.

    The embedded server goes on running for it, until `cloison stop`.
    """
    with desk(keep=True) as at:
        answer(at.urls.owner_url if login is Login.OWNER else at.urls.gateway_url)
