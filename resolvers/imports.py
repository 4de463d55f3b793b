"""Carrying out an import within the transaction of a member: the function decides, and does it."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from types import MappingProxyType
from typing import Any

import asyncpg
import orjson

from resolvers.compiler.assigning import CHANGED
from resolvers.compiler.calling import ANSWERED
from resolvers.compiler.importing import Import
from resolvers.compiler.render import for_profile, imports
from resolvers.errors import from_postgres
from resolvers.keys import claim
from resolvers.profile import Profile
from resolvers.session import Exchange
from resolvers.session.pipeline import Step
from schema.errors import BadUserInput, Conflict, Forbidden, GatewayError, NotFound
from schema.imports import MOST_REFUSED
from schema.inputs import links_to_set
from schema.names import camel
from schema.registry import Module

# Where rows are refused for several reasons, the mutation answers the first of these that there is.
GRAVEST = (Forbidden, NotFound, Conflict, BadUserInput)
REFUSED = "REFUSED"
EMPTY: Mapping[str, str] = MappingProxyType({})


async def import_rows(exchange: Exchange, change: Import) -> str:
    """Call the function, and leave the transaction open: what it did can be read, and still be undone.

    What the function answered, as text. Raises GatewayError, also where a row is refused and it is all or nothing; or
    what the database raises.
    """
    values = [change.source, change.items, "true" if change.updates else "false"]
    steps = [Step(_sent(change.module, exchange.profile), values)]
    if change.key is not None:
        steps.insert(0, claim(change.key, exchange.profile))
    answers = await exchange.run(*steps)
    answered = (answers[-1].get_value(0, 0) or b"").decode()
    if not change.partial:
        _refuse_all(change, orjson.loads(answered))
    return answered


def told(change: Import, answered: str | None) -> dict[int, Any]:
    """What is told of an import, by its places among the values of the site."""
    answer = orjson.loads(answered or "{}")
    rows = [
        *_rows(change, answer),
        *(_refused(place, external_id, BadUserInput(fields=fields)) for place, external_id, fields in change.unfit),
    ]
    answer |= {
        "refused": answer["refused"] + len(change.unfit),
        "rows": sorted(rows, key=lambda row: int(row["place"])),
    }
    del answer["verdicts"]
    return {ANSWERED: orjson.dumps(answer).decode(), CHANGED: answer["ids"]}


def _rows(change: Import, answer: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """What is told of each row that was sent to the database."""
    for verdict in answer["verdicts"]:
        place, external_id = change.known[verdict["place"]]
        if verdict["outcome"] == REFUSED:
            yield _refused(place, external_id, from_postgres(_error(verdict)), _stems(change.module))
        else:
            yield {
                "place": place,
                "external_id": external_id,
                "outcome": verdict["outcome"],
                "id": f"{change.module.type_name}:{verdict['row']}",
                "fields": [],
            }


def _stems(module: Module) -> dict[str, str]:
    """What inputs call pairs, by what the database calls each of them: `contactIds` of a `contactId`."""
    return {camel(relation.target_column): stem for stem, relation in links_to_set(module)}


def _refused(place: int, external_id: str, error: GatewayError, stems: Mapping[str, str] = EMPTY) -> dict[str, Any]:
    fields = error.details.get("fields")
    field = str(error.details.get("field") or "")
    return {
        "place": place,
        "external_id": external_id,
        "outcome": REFUSED,
        "code": error.code,
        "message": error.message,
        "module": error.details.get("module"),
        "action": error.details.get("action"),
        "fields": [*fields] if isinstance(fields, dict) else [stems.get(field, field)] if field else [],
    }


def _error(verdict: dict[str, Any]) -> asyncpg.PostgresError:
    """What the database said of one row, as the driver would raise it: one table of errors serves both."""
    fields = {
        "S": "ERROR",
        "C": verdict["state"],
        "M": verdict.get("message", ""),
        "D": orjson.dumps(verdict.get("detail", {})).decode(),
        **{
            key: verdict[name]
            for key, name in (("c", "column"), ("n", "constraint"), ("t", "table"))
            if name in verdict
        },
    }
    error: asyncpg.PostgresError = asyncpg.PostgresError.new(fields)
    return error


def _refuse_all(change: Import, answer: dict[str, Any]) -> None:
    """Raise, for all rows, what some of them are refused for; nothing where none is."""
    refused = [
        (*change.known[verdict["place"]], from_postgres(_error(verdict)))
        for verdict in answer["verdicts"]
        if verdict["outcome"] == REFUSED
    ]
    if not refused:
        return
    gravest = min((error for _, _, error in refused), key=_gravity)
    count = f"{len(refused)} of {len(answer['verdicts'])} rows are refused, so none was imported: `refused` says why."
    raise gravest.of_many(
        count,
        len(refused),
        [
            {"index": place, "externalId": external_id, "code": error.code, "message": error.message}
            for place, external_id, error in sorted(refused, key=lambda row: row[0])[:MOST_REFUSED]
        ],
    )


def _gravity(error: GatewayError) -> int:
    return next((place for place, known in enumerate(GRAVEST) if isinstance(error, known)), -1)


@lru_cache(maxsize=1024)
def _sent(module: Module, profile: Profile) -> str:
    """The same object each time, by which a prepared statement is found without reading the text."""
    return for_profile(imports.call(module), profile)
