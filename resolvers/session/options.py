"""Who a transaction is for, and what holds for every transaction."""

import re
from dataclasses import dataclass, field
from uuid import UUID

from resolvers.errors import Unauthenticated

_SLUG = re.compile(r"[a-z0-9-]{1,63}")
# Of a process that serves, beside those for requests: for the watchdog's two tasks, and for whoever asks /readyz.
OWN_CONNECTIONS = 3


@dataclass(frozen=True, slots=True)
class Identity:
    """Whom a transaction acts for. `account` is a slug; None means the only account of the user.

    `email` is the address that who signed in has, if the token's issuer says that it was verified.
    """

    account: str | None
    user: UUID
    email: str | None = field(default=None, compare=False)
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Asked for several times by each request, of one that lives as long as a token.
        object.__setattr__(self, "_hash", hash((self.account, self.user)))

    def __hash__(self) -> int:
        return self._hash

    @property
    def checked_account(self) -> str | None:
        """The account; Unauthenticated for what cannot be a slug."""
        if self.account is not None and not _SLUG.fullmatch(self.account):
            raise Unauthenticated
        return self.account


@dataclass(frozen=True, slots=True)
class PoolOptions:
    """Sizes and times (seconds) of the pools and of every transaction in them.

    `sessions_max_size`: of the pool for transactions of several round trips, where it is not as large as the other.
    `texts_per_connection`: so many statements are parsed on a connection before another takes its place, since a server
    keeps the shape of each record that a session has ever named.
    """

    min_size: int = 2
    max_size: int = 20
    sessions_max_size: int | None = None
    acquire_timeout: float = 5.0
    connect_timeout: float = 5.0
    cancel_timeout: float = 2.0
    close_timeout: float = 5.0
    statement_timeout: float = 5.0
    lock_timeout: float = 2.0
    idle_in_transaction_timeout: float = 10.0
    statement_cache_size: int = 256
    texts_per_connection: int = 10_000
    attempts: int = 3

    @property
    def per_user(self) -> int:
        """How many transactions of one user are open at a time, so that nobody holds the whole pool."""
        return max(1, self.max_size // 2)

    def server_settings(self) -> dict[str, str]:
        """What each connection starts with."""
        return {
            "application_name": "cloison",
            "timezone": "UTC",
            "datestyle": "ISO, YMD",
            "search_path": "pg_catalog",
            "standard_conforming_strings": "on",
            "default_transaction_isolation": "read committed",
            "statement_timeout": milliseconds(self.statement_timeout),
            "lock_timeout": milliseconds(self.lock_timeout),
            "idle_in_transaction_session_timeout": milliseconds(self.idle_in_transaction_timeout),
            # A gateway that was killed leaves no statement running.
            "client_connection_check_interval": "1000",
            # Answers are small and their statements many: compiling costs more than it saves.
            "jit": "off",
        }


def milliseconds(seconds: float) -> str:
    """A time as settings of the server take it."""
    return str(max(1, round(seconds * 1000)))
