"""From a request's headers to whom it acts for. Whether that is a member, only the database knows.

Every way in which a token can be wrong has the same answer, so that nobody learns which part to try next; the log
says which it was, and never the token.
"""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

import jwt
from structlog.contextvars import bind_contextvars

from gateway.keys import KeySet, KeysUnavailableError
from gateway.settings import SYMMETRIC, Settings
from resolvers.errors import Unauthenticated, Unavailable
from resolvers.session import Identity

ACCOUNT_HEADER = "x-cloison-account"

_LONGEST_TOKEN = 8 * 1024
_LONGEST_ADDRESS = 320
_REMEMBERED = 4096


class _Refused(Exception):
    """A token that cannot be right. The message is ours and goes into the log."""


class Headers(Protocol):
    """Headers of a request."""

    def getlist(self, key: str, /) -> list[str]:
        """All values of a header, by its name in lower case."""


@dataclass(frozen=True, slots=True)
class _Claims:
    """Whom a verified token is for, and until when (seconds since the epoch) it says so."""

    identity: Identity
    expires: float


class Authenticator:
    """Verifies bearer tokens: signature by an allowed algorithm, issuer, audience, times, subject.

    A token that was verified is remembered until it expires or the keys change, since its signature stays what it is;
    nothing about the member is.
    """

    def __init__(self, settings: Settings, keys: KeySet | None, clock: Callable[[], float] = time.time) -> None:
        if (keys is None) == (settings.jwt_secret is None):
            raise ValueError("tokens are verified with a secret or with a key set")
        if any((algorithm in SYMMETRIC) is not (keys is None) for algorithm in settings.algorithms):
            raise ValueError("an algorithm and the kind of key it needs go together")
        self._keys = keys
        self._secret = settings.jwt_secret.get_secret_value() if settings.jwt_secret else ""
        self._algorithms = list(settings.algorithms)
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        self._leeway = settings.jwt_leeway
        self._clock = clock
        # By the header's value.
        self._verified: OrderedDict[str, _Claims] = OrderedDict()
        self._generation = 0

    async def identify(self, headers: Headers) -> Identity:
        """Whom the request acts for; Unauthenticated, or Unavailable while the keys cannot be had."""
        try:
            given = headers.getlist("authorization")
            if len(given) != 1:
                raise _Refused("no token" if not given else "several Authorization headers")
            identity = (await self._claims(given[0])).identity
            asked = headers.getlist(ACCOUNT_HEADER)
            return _asked_for(identity, asked) if asked else identity
        except KeysUnavailableError as error:
            raise Unavailable from error
        except _Refused as error:
            bind_contextvars(refused=str(error))
            raise Unauthenticated from error
        # A header that is nested beyond measure ends the JSON parser before any signature is looked at.
        except (jwt.PyJWTError, ValueError, RecursionError) as error:
            # The kind of error, and not its text: that may quote the token.
            bind_contextvars(refused=type(error).__name__)
            raise Unauthenticated from error

    async def close(self) -> None:
        """Let go of the key set."""
        if self._keys is not None:
            await self._keys.close()

    async def _claims(self, authorization: str) -> _Claims:
        known = self._verified.get(authorization)
        if known is not None and self._generation == self._current() and self._clock() < known.expires:
            self._verified.move_to_end(authorization)
            return known
        token = _bearer(authorization)
        claims = _claims(await self._decode(token), self._leeway)
        if self._generation != self._current():
            self._verified.clear()
            self._generation = self._current()
        # A token has few ways to be remembered, however often it is written in another one.
        if authorization in (f"Bearer {token}", f"bearer {token}"):
            self._verified[authorization] = claims
        while len(self._verified) > _REMEMBERED:
            self._verified.popitem(last=False)
        return claims

    async def _decode(self, token: str) -> dict[str, Any]:
        key: str | jwt.PyJWK = self._secret
        if self._keys is not None:
            key_id = jwt.get_unverified_header(token).get("kid")
            found = await self._keys.get(key_id) if key_id else None
            if found is None:
                raise _Refused("unknown key")
            key = found
        required = ["exp", "sub"]
        required += ["iss"] if self._issuer else []
        required += ["aud"] if self._audience else []
        claims: dict[str, Any] = jwt.decode(
            token,
            key,
            algorithms=self._algorithms,
            issuer=self._issuer,
            audience=self._audience,
            leeway=self._leeway,
            options={
                "require": required,
                "verify_aud": self._audience is not None,
                "verify_iss": self._issuer is not None,
                "enforce_minimum_key_length": True,
            },
        )
        return claims

    def _current(self) -> int:
        return self._keys.generation if self._keys is not None else 0


def _bearer(authorization: str) -> str:
    scheme, _, token = authorization.partition(" ")
    token = token.strip()
    if scheme.lower() != "bearer" or not token:
        raise _Refused("not a bearer token")
    if len(token) > _LONGEST_TOKEN:
        raise _Refused("token too long")
    return token


def _claims(payload: Mapping[str, Any], leeway: float) -> _Claims:
    account = payload.get("account")
    if account is not None and (not isinstance(account, str) or not account):
        raise _Refused("claim account is not a slug")
    subject = payload["sub"]
    try:
        user = UUID(subject)
    except ValueError:
        raise _Refused("claim sub is not a user's id") from None
    if str(user) != subject:
        raise _Refused("claim sub is not a user's id")
    return _Claims(Identity(account, user, _address(payload)), int(payload["exp"]) + leeway)


def _address(payload: Mapping[str, Any]) -> str | None:
    """The e-mail address, if whoever signed the token has verified it. It says nothing about a member."""
    address = payload.get("email")
    if payload.get("email_verified") is not True or not isinstance(address, str):
        return None
    return address if len(address) <= _LONGEST_ADDRESS and address.isprintable() else None


def _asked_for(identity: Identity, accounts: list[str]) -> Identity:
    """The account of the header, where the token names none."""
    if len(accounts) > 1 or (identity.account is not None and accounts[0] != identity.account):
        raise _Refused("account of the header is not that of the token")
    return identity if identity.account is not None else Identity(accounts[0] or None, identity.user, identity.email)
