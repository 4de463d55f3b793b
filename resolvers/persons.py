"""Asking the database for somebody who has signed in, and need not be a member of anything.

The functions are the gateway's login's alone. What they answer is put into the shape of the selection by graphql-core.
"""

from types import SimpleNamespace
from typing import Any

import orjson
from structlog.contextvars import get_contextvars

from resolvers.compiler.persons import PersonCall
from resolvers.session import Database, Identity
from resolvers.session.pipeline import Step
from schema.administration.types import AccountKind
from schema.names import GlobalId
from schema.persons import ACCEPT, MY_ACCOUNTS, SUBSCRIBE

_REQUEST = "from set_config('cloison.request', ${}, true)"
_ACCOUNTS = "select access.accounts_of($1)"
_CALLS = {
    ACCEPT: "select access.accept_invitation($3, $1, $2) " + _REQUEST.format(4),
    SUBSCRIBE: "select access.subscribe_account($3, $4, $1, $2, $5) " + _REQUEST.format(6),
}


async def accounts(database: Database, identity: Identity) -> Any:
    """The root of a query that asks for one's accounts."""
    answered = await database.asked(identity, Step(_ACCOUNTS, [identity.user]))
    found = orjson.loads(answered.get_value(0, 0) or b"[]")
    return SimpleNamespace(**{MY_ACCOUNTS: [_account(each) for each in found]})


async def called(database: Database, identity: Identity, call: PersonCall) -> Any:
    """The root of a mutation, when it is done; raises what the database raises."""
    request = get_contextvars().get("request_id") or ""
    values = [identity.user, identity.email, *call.values, request]
    answered = await database.asked(identity, Step(_CALLS[call.mutation], values))
    account = _account(orjson.loads(answered.get_value(0, 0) or b"{}"))
    return SimpleNamespace(**{call.mutation: SimpleNamespace(account=account)})


def _account(told: dict[str, Any]) -> Any:
    return SimpleNamespace(**told | {"id": str(GlobalId("Account", told["id"])), "kind": AccountKind(told["kind"])})
