"""Who may hand many rows over, by the same matrix as one row (O4 to O6), and what is answered of each (O5)."""

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.registry import Kind, Module
from tests.policies.conftest import Play
from tests.policies.test_assignment import OFFICE, TABLE, TARGETS, WHO
from tests.support.model import Row

pytestmark = pytest.mark.any_server

ASSIGNED = tuple(module for module in REGISTRY.modules if "assign" in module.action_names)
WHOSE = ("mine", "pool")
Answer = dict[str, Any]


def rows() -> Iterator[Row]:
    for module in ASSIGNED:
        for who in WHO:
            yield Row(f"{module.name} mine {who}", module.name, "root", who, ("north",))
            yield Row(
                f"{module.name} pool {who}", module.name, "root", None, ("north",), open=module.kind is Kind.ASSET
            )


COMPANY = replace(OFFICE, name="works", rows=tuple(rows()))


def cells() -> dict[tuple[str, str, str], str]:
    """How it ends, by whose row it is, who acts and what he does."""
    head, *lines = TABLE.strip().splitlines()
    return {
        (line.split()[0], line.split()[1], what): end
        for line in lines
        for what, end in zip(head.split(), line.split()[2:], strict=True)
    }


ENDS = cells()


@pytest.fixture(scope="module")
async def works(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(COMPANY)
    return play


def change(play: Play, module: Module, what: str) -> dict[str, object]:
    """What a column of the matrix says, as the function takes it."""
    asset = module.kind is Kind.ASSET
    match what.split("_"):
        case ["to", _]:
            target = TARGETS[what]
            return {"owner": str(play.built.user(target)) if target else None}
        case ["into", _]:
            team = str(play.team(str(TARGETS[what])))
            return {"teams": [team]} if asset else {"team": team}
        case _:
            return {"restricted": False} if asset else {"open": True}


async def assigned(
    play: Play, who: str, module: str, given: dict[str, object], ids: list[UUID], *, partial: bool = True
) -> Answer:
    """What the function answers a member, undone."""
    async with play.acting(who) as connection:
        answer = await connection.fetchval(
            "select access.assign_many($1, $2, $3, $4)", module, json.dumps(given), ids, partial
        )
        await connection.execute("set constraints all immediate")
    found: Answer = json.loads(answer)
    return found


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("module", ASSIGNED, ids=lambda module: module.name)
async def test_each_row_of_many_is_judged_as_a_single_one(works: Play, module: Module, who: str) -> None:
    """O4, O5, O6: the matrix of test_assignment.py, with a row that is not there beside each that is."""
    absent = uuid4()
    for whose in WHOSE:
        row = works.row(f"{module.name} {whose} {who}")
        assert row in await works.sees("root", module.name)
        for what in TARGETS:
            end = ENDS[whose, who, what]
            given = change(works, module, what)
            if end == "N":
                with pytest.raises(asyncpg.PostgresError) as refused:
                    await assigned(works, who, module.name, given, [row, absent])
                assert refused.value.sqlstate == "U0404", what
                continue
            answer = await assigned(works, who, module.name, given, [row, absent])
            codes = {refusal["row"]: refusal["code"] for refusal in answer["refusals"]}
            nothing_there = {str(absent): "NOT_FOUND"}
            assert codes == (nothing_there if end == "+" else {**nothing_there, str(row): "FORBIDDEN"}), what
            assert answer["changed"] + answer["unchanged"] == (end == "+"), what
