"""Administration through GraphQL: what each mutation does and answers, and how it is refused (C5, T1, T3, T10)."""

from typing import Any

import pytest

from schema.administration import ADMINISTRATION
from schema.administration.description import Argument, Form, Mutation
from schema.administration.erasure import ERASURES
from schema.roles import BUILTIN_ROLES
from tests.policies.administering import DEAL, DONE, ELSEWHERE, IDS, Office, furnished, known
from tests.policies.conftest import Play
from tests.policies.test_administration import OFFICE

pytestmark = pytest.mark.any_server

# What erases, and what masks, is tried with the rows that it concerns.
ELSEWHERE_TRIED = {"setSensitive", *(mutation.name for mutation in ERASURES)}
GONE = {
    "deleteRole": ("deletedId", "roleId"),
    "deleteTeam": ("deletedId", "teamId"),
    "removeMember": ("removedId", "memberId"),
}


@pytest.fixture(scope="module")
async def office(playground: Play) -> Office:
    return await furnished(Office(**vars(playground)), OFFICE, ELSEWHERE)


async def asked(play: Office, who: str, name: str, given: dict[str, Any], selection: str) -> tuple[Any, str]:
    """One mutation, undone: its payload, and the code of its error."""
    text = f"mutation ($input: {ADMINISTRATION[name].input_name}!) {{ {name}(input: $input) {{ {selection} }} }}"
    data, codes = await play.asks(who, text, {"input": {key: known(play, value) for key, value in given.items()}})
    return data[name], codes.get(name, "")


def test_every_mutation_is_tried() -> None:
    assert {name for name, *_ in DONE} | ELSEWHERE_TRIED == set(ADMINISTRATION)


@pytest.mark.parametrize(("name", "given", "selection", "payload"), DONE, ids=IDS)
async def test_what_is_done_is_answered(
    office: Office, name: str, given: dict[str, Any], selection: str, payload: dict[str, Any]
) -> None:
    found, code = await asked(office, "root", name, given, selection)
    assert (found, code) == (payload, "")
    if name in GONE:
        field, argument = GONE[name]
        found, _ = await asked(office, "root", name, given, field)
        assert found == {field: known(office, given[argument])}


@pytest.mark.parametrize(("name", "given", "selection", "payload"), DONE, ids=IDS)
async def test_who_may_not_configure_is_refused(
    office: Office, name: str, given: dict[str, Any], selection: str, payload: dict[str, Any]
) -> None:
    """C5: what `root` has done, to what is there, nobody else has."""
    assert payload
    assert await asked(office, "none", name, given, selection) == (None, "FORBIDDEN")


def foreign(argument: Argument) -> str:
    """Something of the other account."""
    known = {
        "Role": "role Member",
        "Team": "team above",
        "Invitation": "invitation pending",
        "AccessBatch": "batch made",
    }
    return known.get(argument.types[0], "member stranger")


FOREIGN = [
    (mutation, argument)
    for mutation in ADMINISTRATION.values()
    for argument in mutation.arguments
    if argument.form in (Form.ID, Form.IDS) and mutation.name not in ELSEWHERE_TRIED
]


@pytest.mark.parametrize(
    ("mutation", "argument"), FOREIGN, ids=[f"{mutation.name}-{argument.name}" for mutation, argument in FOREIGN]
)
async def test_what_is_of_another_account_is_not_found(office: Office, mutation: Mutation, argument: Argument) -> None:
    """T1: wherever an id is taken; and the same as of what does not exist."""
    given = next(given for name, given, *_ in DONE if name == mutation.name)
    ours = {key: known(office, value) for key, value in given.items()}
    nobodys = f"{argument.types[0]}:00000000-0000-4000-8000-000000000000"
    text = f"mutation ($input: {mutation.input_name}!) {{ {mutation.name}(input: $input) {{ __typename }} }}"
    for one in (known(office, foreign(argument), "elsewhere"), nobodys):
        taken = [one] if argument.form is Form.IDS else one
        data, codes = await office.asks("root", text, {"input": {**ours, argument.name: taken}})
        assert (data, codes) == ({mutation.name: None}, {mutation.name: "NOT_FOUND"})


async def test_a_clone_of_a_built_in_role_holds_what_it_holds(office: Office) -> None:
    given = {"roleId": "role Administrator", "name": "Like them"}
    found, _ = await asked(office, "root", "cloneRole", given, "role { builtIn cells { module action } }")
    assert found["role"]["builtIn"] is False
    held = {(cell["module"], cell["action"]) for cell in found["role"]["cells"]}
    assert held == {(module, action) for module, action, _ in BUILTIN_ROLES["Administrator"]}


@pytest.mark.parametrize(
    ("name", "given", "fields"),
    [
        ("createRole", {"name": " ", "cells": []}, {"name"}),
        ("createRole", {"name": "x" * 201, "cells": []}, {"name"}),
        ("createRole", {"name": "x", "cells": [{"module": "deals", "action": "fly"}]}, {"cells"}),
        ("createRole", {"name": "x", "cells": [{"module": "deals", "action": "view"}]}, {"cells"}),
        ("createRole", {"name": "x", "cells": [{**DEAL, "scopes": ["moon"]}]}, {"cells"}),
        ("createRole", {"name": "x\0", "cells": []}, {"name"}),
        ("setRoleCell", {"roleId": "role spare", "module": "deals", "action": "fly", "scopes": ["all"]}, {"action"}),
        ("setRoleCell", {"roleId": "role spare", "module": "deals", "action": "view"}, {"scopes"}),
        ("setRoleCell", {"roleId": "role spare", "module": "deals", "action": "view", "scopes": ["moon"]}, {"scopes"}),
        (
            "setRoleCell",
            {"roleId": "role spare", "module": "deals", "action": "view", "scopes": ["shared"]},
            {"scopes"},
        ),
        ("setRoleCells", {"roleId": "role Member", "cells": []}, {"roleId"}),
        ("setRoleCells", {"roleId": "team oslo", "cells": []}, {"roleId"}),
        ("deleteRole", {"roleId": "role deals", "successorId": "role deals"}, {"successorId"}),
        ("moveTeam", {"teamId": "team north", "parentId": "team oslo"}, {"parentId"}),
        ("deleteTeam", {"teamId": "team north", "moveToId": "team oslo"}, {"moveToId"}),
        ("mergeTeams", {"teamIds": ["team north"], "intoId": "team oslo"}, {"intoId"}),
        ("mergeTeams", {"teamIds": [], "intoId": "team oslo"}, {"teamIds"}),
        ("addMember", {"email": "nobody", "roleId": "role deals"}, {"email"}),
        ("inviteMember", {"email": "nobody", "roleId": "role deals"}, {"email"}),
        (
            "inviteMember",
            {"email": "x@office.example", "roleId": "role deals", "until": "2020-01-01T00:00:00Z"},
            {"until"},
        ),
        ("resendInvitation", {"invitationId": "invitation pending", "until": "2999-01-01T00:00:00Z"}, {"until"}),
        ("removeMember", {"memberId": "member equal", "newOwnerId": "person equal"}, {"newOwnerId"}),
        ("renameTeam", {"teamId": "team oslo", "name": "x", "reason": "x" * 1001}, {"reason"}),
    ],
)
async def test_what_makes_no_sense_is_refused_by_its_name(
    office: Office, name: str, given: dict[str, Any], fields: set[str]
) -> None:
    text = f"mutation ($input: {ADMINISTRATION[name].input_name}!) {{ {name}(input: $input) {{ __typename }} }}"
    variables = {"input": {key: known(office, value) for key, value in given.items()}}
    error = await office.refusal("root", text, variables)
    assert error["code"] == "BAD_USER_INPUT"
    assert set(error["fields"]) == fields


@pytest.mark.parametrize(
    ("name", "given"),
    [
        ("createRole", {"name": "spare", "cells": []}),
        ("renameRole", {"roleId": "role spare", "name": "Member"}),
        ("deleteRole", {"roleId": "role nearby"}),
        ("deleteTeam", {"teamId": "team north"}),
        ("addMember", {"email": "EQUAL.{salt}@example.com", "roleId": "role deals"}),
        ("inviteMember", {"email": "EQUAL.{salt}@example.com", "roleId": "role deals"}),
        ("inviteMember", {"email": "Pending@office.example", "roleId": "role deals"}),
    ],
)
async def test_what_contradicts_what_there_is_is_a_conflict(office: Office, name: str, given: dict[str, Any]) -> None:
    salted = {
        key: value.format(salt=office.built.salt.hex[:12]) if isinstance(value, str) else value
        for key, value in given.items()
    }
    assert await asked(office, "root", name, salted, "__typename") == (None, "CONFLICT")


async def test_a_document_takes_several_in_order(office: Office) -> None:
    data, codes = await office.asks(
        "root",
        "mutation ($team: ID!, $role: ID!) {"
        ' first: renameTeam(input: {teamId: $team, name: "A"}) { team { name } }'
        ' second: renameRole(input: {roleId: $role, name: "spare"}) { __typename }'
        ' third: renameTeam(input: {teamId: $team, name: "B"}) { team { id name } } }',
        {"team": known(office, "team oslo"), "role": known(office, "role Member")},
    )
    assert codes == {"second": "BAD_USER_INPUT"}
    assert data["first"] == {"team": {"name": "A"}}
    assert data["second"] is None
    assert data["third"] == {"team": {"id": known(office, "team oslo"), "name": "B"}}
