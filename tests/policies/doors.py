"""The three ways in: SQL as a member over the gateway's login, SQL as an analyst, GraphQL over HTTP."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from schema.modules import REGISTRY
from schema.names import GlobalId, camel, can, singular_field
from schema.registry import Module
from schema.verbs import verbs
from tests.api.conftest import Member as Bearer, bearer
from tests.policies.company import ROW_ACTIONS, possible
from tests.support.sql import Probe, acting, seen, tried, writes_of

Ids = dict[str, UUID]
Verdicts = dict[str, frozenset[str]]
NOTHING: frozenset[str] = frozenset()

# What a refusal in SQL may look like: no row touched, an error of the product, a policy or a missing grant.
REFUSALS = {"0", "U0403", "U0404", "42501"}


@dataclass(frozen=True)
class Visitor:
    """Somebody at a door, with the account that he names there."""

    slug: str
    user: UUID


class TurnedAwayError(Exception):
    """The door does not open at all: a deactivated member."""


class Door(ABC):
    """Tells what somebody may do to rows of a module; nothing of what is tried remains."""

    actions: frozenset[str] = frozenset(ROW_ACTIONS)

    @abstractmethod
    async def verdicts(self, visitor: Visitor, module: Module, rows: Ids) -> Verdicts:
        """For each row, by its key in `rows`, the actions that succeed. TurnedAwayError where nobody may enter."""


class Sql(Door):
    """The gateway's login, as a member."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    async def verdicts(self, visitor: Visitor, module: Module, rows: Ids) -> Verdicts:
        probes = [
            Probe(f"{action} {key}", f"{module.name}.{action}", row)
            for key, row in rows.items()
            for action in writes_of(module)
            if action != "create"
        ]
        try:
            async with acting(self._connection, visitor.slug, visitor.user):
                read = {(action, row) for _, action, row in await seen(self._connection, (module,))}
                done = await tried(self._connection, (module,), probes)
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise TurnedAwayError from error
        assert set(done.values()) <= REFUSALS | {"1"}, done
        return {
            key: frozenset(
                action for action in ROW_ACTIONS if (action, row) in read or done.get(f"{action} {key}") == "1"
            )
            for key, row in rows.items()
        }


class Analyst(Door):
    """A login of one's own. It only reads, whatever else its member may do."""

    actions = frozenset({"view", "view_sensitive"})

    def __init__(self, logins: dict[Visitor, str]) -> None:
        self._logins = logins

    async def verdicts(self, visitor: Visitor, module: Module, rows: Ids) -> Verdicts:
        connection = await asyncpg.connect(self._logins[visitor])
        try:
            read = {(action, row) for _, action, row in await seen(connection, (module,), analyst=True)}
            await connection.execute("set default_transaction_read_only = off")
            async with connection.transaction():
                done = await tried(connection, (module,), self._writes(module, rows)) if read else {}
        except asyncpg.InvalidAuthorizationSpecificationError as error:
            raise TurnedAwayError from error
        finally:
            await connection.close()
        assert set(done.values()) <= {"42501"}, done
        return {key: frozenset(action for action in self.actions if (action, row) in read) for key, row in rows.items()}

    @staticmethod
    def _writes(module: Module, rows: Ids) -> list[Probe]:
        return [
            Probe(f"{action} {key}", f"{module.name}.{action}", row)
            for key, row in rows.items()
            for action in writes_of(module)
        ]


class GraphQL(Door):
    """The application, over HTTP, with a member's token."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def verdicts(self, visitor: Visitor, module: Module, rows: Ids) -> Verdicts:
        headers = bearer(Bearer(visitor.slug, visitor.user, 0))
        ids = {key: str(GlobalId(module.type_name, row)) for key, row in rows.items()}
        status, answer = await self._post(headers, reading(module), {"ids": list(ids.values())})
        if status == httpx.codes.UNAUTHORIZED:
            raise TurnedAwayError
        nodes = dict(zip(ids, answer["data"]["nodes"], strict=True))
        found = {}
        for key, node in nodes.items():
            _, answer = await self._post(headers, writing(module), {"id": ids[key], "me": f"Person:{visitor.user}"})
            done = written(answer, hidden=node is None)
            found[key] = done | looked(module, node, done)
        return found

    async def _post(self, headers: dict[str, str], query: str, variables: dict[str, Any]) -> tuple[int, Any]:
        response = await self._client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)
        return response.status_code, response.json()


def reading(module: Module) -> str:
    """The query for many rows: whether they are seen, what is masked, and which buttons there are."""
    flags = " ".join(can(action) for action in REGISTRY.buttons(module))
    sensitive = "sensitive { __typename }" if module.sensitive else ""
    row = f"... on {module.type_name} {{ id {sensitive} access {{ {flags} }} }}"
    return f"query ($ids: [ID!]!) {{ nodes(ids: $ids) {{ {row} }} }}"


def writing(module: Module) -> str:
    """The mutations that a row is tried with; each is a transaction of its own, and is undone."""
    name, label = module.type_name, camel(module.label)
    public = ", destination: PUBLIC" if module.narrower else ""
    known = {
        "update": f'update{name}(input: {{id: $id, {label}: "changed"}}) {{ id }}',
        "configure": f'update{name}(input: {{id: $id, {label}: "changed"}}) {{ id }}',
        "delete": f"delete{name}(input: {{id: $id}}) {{ deletedId }}",
        "assign": f"assign{name}(input: {{id: $id, ownerId: $me}}) {{ id }}",
        "publish": f"publish{name}(input: {{id: $id{public}}}) {{ id }}",
        "publish_internal": f"publish{name}(input: {{id: $id, destination: INTERNAL}}) {{ id }}",
        "activate": f"activate{name}(input: {{id: $id}}) {{ id }}",
        "connect": f'connect{name}(input: {{id: $id, connectedAccount: "changed"}}) {{ id }}',
        "manage_domain": f'update{name}(input: {{id: $id, domain: "changed.example"}}) {{ id }}',
    }
    # To what list something is sent is for tests of the outbox.
    if "send" in verbs(module) and not module.sends_to:
        known["send"] = f"send{name}(input: {{id: $id}}) {{ id }}"
    fields = [f"{action}: {known[action]}" for action in REGISTRY.buttons(module) if action in known]
    variables = "$id: ID!, $me: ID!" if "assign" in module.row_actions else "$id: ID!"
    return f"mutation ({variables}) {{ {' '.join(fields)} }}"


def written(answer: Any, *, hidden: bool) -> frozenset[str]:
    """The mutations that succeeded; the others say FORBIDDEN of a row that is seen and NOT_FOUND of one that is not."""
    refused = {error["path"][0]: error["extensions"]["code"] for error in answer.get("errors", ())}
    assert set(refused.values()) <= {"NOT_FOUND" if hidden else "FORBIDDEN"}, answer
    return frozenset(action for action, value in answer["data"].items() if value is not None)


def looked(module: Module, node: Any, done: frozenset[str]) -> frozenset[str]:
    """What reading says, which has to agree with what the mutations did."""
    if node is None:
        return NOTHING
    buttons = {action for action in possible(module) - {"view"} if node["access"][can(action)]}
    mutated = {action for action in possible(module) if f" {action}: " in writing(module)}
    assert buttons & mutated == done, f"{singular_field(module)}: the buttons say {buttons}, the mutations {set(done)}"
    shown = {"view_sensitive"} if node.get("sensitive") else set()
    assert buttons & {"view_sensitive"} == shown
    # Of what has no mutation yet, the button is what there is to see.
    return frozenset({"view"} | buttons)


MODULES = {module.name: module for module in REGISTRY.modules}
