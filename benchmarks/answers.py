"""Whether all servers answer alike, before anything is measured: the same rows for each operation and member."""

import datetime as dt
import re
from collections.abc import Sequence
from difflib import unified_diff
from typing import Any

import httpx
import orjson

from benchmarks.members import Member
from benchmarks.operations import Operation, document
from benchmarks.peers import Peer
from benchmarks.problems import BenchmarkError

_GLOBAL_ID = re.compile(r"[A-Z][a-z]+:[0-9a-f-]{36}")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT")


class AnswersDifferError(BenchmarkError):
    """Two servers answer otherwise; the message shows where."""


def ask(peer: Peer, member: Member, text: str, variables: dict[str, Any]) -> Any:
    """The data of an answer."""
    answer = httpx.post(
        peer.url,
        json={"query": text, "variables": variables},
        headers={"authorization": f"Bearer {member.token}"},
        timeout=60,
    )
    found = answer.json()
    if answer.status_code != 200 or found.get("errors"):
        raise AnswersDifferError(f"{peer.name} answers {answer.status_code} to {text}: {answer.text[:1000]}")
    return found["data"]


def cursor(peer: Peer, member: Member) -> str:
    """The cursor behind which the member's far page begins."""
    row = f"Contact:{member.deep}" if peer.dialect == "cloison" else str(member.deep)
    found: str = ask(peer, member, document("cursor", peer.dialect), {"id": row})["contacts"]["edges"][0]["cursor"]
    return found


def compare(operation: Operation, peers: Sequence[Peer], members: Sequence[Member], *, numbers: int = 2) -> int:
    """AnswersDifferError unless all answer alike; how many rows there were."""
    rows = 0
    for member in members:
        for number in range(numbers):
            first: Any = None
            for peer in peers:
                after = cursor(peer, member) if operation.name == "Q8" else None
                data = ask(
                    peer,
                    member,
                    operation.document(peer.dialect),
                    operation.variables(peer.dialect, member, number, after),
                )
                plain = normal(data)
                if peer is peers[0]:
                    first = plain
                    rows += count(plain)
                elif plain != first:
                    raise AnswersDifferError(
                        f"{operation.name} of {member.scope} member {member.user}, variables {number}:\n"
                        f"{difference(peers[0].name, first, peer.name, plain)}"
                    )
    return rows


def difference(one: str, left: Any, other: str, right: Any) -> str:
    """The first lines in which two answers differ."""
    before, after = (_lines(each) for each in (left, right))
    return "\n".join(list(unified_diff(before, after, one, other, n=1, lineterm=""))[:20])


def _lines(value: Any) -> list[str]:
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode().splitlines()


def normal(value: Any) -> Any:
    """An answer without what servers may say differently: kinds of ids, cases of enums, forms of times and numbers."""
    if isinstance(value, dict):
        # PostGraphile reaches the other end of a pair through the pair.
        if list(value) == ["deal"]:
            return normal(value["deal"])
        return {key: normal(each) for key, each in sorted(value.items())}
    if isinstance(value, list):
        return [normal(each) for each in value]
    if isinstance(value, str):
        if _GLOBAL_ID.fullmatch(value):
            return value.partition(":")[2]
        if _TIME.match(value):
            return dt.datetime.fromisoformat(value).astimezone(dt.UTC).isoformat()
        return value.lower()
    if isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    return value


def count(value: Any) -> int:
    """How many objects there are in lists, at any depth; a single object counts as one."""
    found = list(_lists(value))
    return sum(len(each) for each in found) if found else 1


def _lists(value: Any) -> Any:
    if isinstance(value, list):
        yield value
    for each in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from _lists(each)
