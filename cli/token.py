"""`cloison token`: a bearer token for a member, where tokens are signed with a secret of ours."""

import time
from typing import Annotated
from uuid import UUID, uuid4

import jwt
import typer

from cli.administrator import Connection, Member, administer, desk, member
from cli.output import answer
from gateway.problems import Problem
from gateway.settings import Settings


def token(
    email: Annotated[str, typer.Option(help="E-mail of the member.")],
    account: Annotated[str | None, typer.Option(help="Slug of the account, for somebody who is in several.")] = None,
    newcomer: Annotated[
        bool, typer.Option(help="For somebody who is no member yet: to accept an invitation, or subscribe an account.")
    ] = False,
) -> None:
    """Print a token for a member, and nothing else.

    cloison token --email ada@acme.example | sed 's/^/Authorization: Bearer /' | curl --header @- ...
    """

    async def work(connection: Connection) -> Member:
        return await member(connection, email, account)

    async def known(connection: Connection) -> UUID | None:
        found: UUID | None = await connection.fetchval(
            "select id from access.app_user where email = access_private.address_key($1)", email.strip()
        )
        return found

    with desk() as at:
        if newcomer:
            answer(sign(at.settings, administer(at, known) or uuid4(), account, email=email.strip()))
        else:
            found = administer(at, work)
            answer(sign(at.settings, found.user, found.slug))


def sign(settings: Settings, user: UUID, account: str | None, email: str | None = None) -> str:
    """Sign a token that the gateway accepts from now on, for as long as the settings say.

    With an e-mail address, it says that it was verified.
    """
    if settings.jwt_secret is None:
        raise Problem(
            "Tokens come from your identity provider (CLOISON_JWT_JWKS_URL): only a secret lets Cloison sign."
        )
    now = int(time.time())
    claims: dict[str, object] = {"sub": str(user), "iat": now, "exp": now + settings.jwt_lifetime}
    if account is not None:
        claims["account"] = account
    if email is not None:
        claims |= {"email": email, "email_verified": True}
    if settings.jwt_issuer:
        claims["iss"] = settings.jwt_issuer
    if settings.jwt_audience:
        claims["aud"] = settings.jwt_audience
    return jwt.encode(claims, settings.jwt_secret.get_secret_value(), algorithm=settings.algorithms[0])
