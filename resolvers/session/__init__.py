"""The only place that acquires a connection: one transaction, one identity.

Identity is transaction-local (SET LOCAL, by `access.enter`), so that whatever ends the transaction ends the identity.
Neither pool relies on a reset of what comes back (asyncpg's own does not reset the role): a connection is used again
only when the server says that no transaction is open on it, and is closed otherwise.

Behind PgBouncer in transaction mode: name the settings of `PoolOptions.server_settings` in its
`ignore_startup_parameters`, `options` among them, and give them to the login with `alter role cloison_gateway set ...`;
below PgBouncer 1.21 also set `statement_cache_size` to 0.
"""

from resolvers.session.connections import Connection
from resolvers.session.database import Database
from resolvers.session.exchange import Exchange, ProfileChangedError
from resolvers.session.options import OWN_CONNECTIONS, Identity, PoolOptions
from resolvers.session.transactions import Session, Staging, Transaction

__all__ = [
    "OWN_CONNECTIONS",
    "Connection",
    "Database",
    "Exchange",
    "Identity",
    "PoolOptions",
    "ProfileChangedError",
    "Session",
    "Staging",
    "Transaction",
]
