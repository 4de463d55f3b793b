"""Random changes of access in a random world, as calls of the functions that make them."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from schema.modules import REGISTRY
from schema.registry import Kind
from tests.property.worlds import Shape, roles
from tests.support.building import Built
from tests.support.model import Row, World

ACCOUNT = "(select access.account_id())"
SCOPES = ("all", "team", "owned", "created", "unassigned")
TYPES = {
    "team": "uuid",
    "role": "uuid",
    "user": "uuid",
    "row": "uuid",
    "teams": "uuid[]",
    "text": "text",
    "texts": "text[]",
    "flag": "boolean",
    "json": "jsonb",
}
Named = tuple[tuple[str, Any], ...]


@dataclass(frozen=True)
class Change:
    """A call of a function; what is `named` are its arguments: ("team", "team0") is the id of that team."""

    function: str
    named: Named
    in_account: bool = True

    @property
    def statement(self) -> str:
        """The call, with the arguments as parameters."""
        places = [f"${number}::{TYPES[kind]}" for number, (kind, _) in enumerate(self.named, 1)]
        return f"select access.{self.function}({', '.join([ACCOUNT] * self.in_account + places)})"

    def values(self, built: Built) -> list[Any]:
        """The parameters of the statement."""
        return [_value(built, kind, name) for kind, name in self.named]


def _value(built: Built, kind: str, name: Any) -> Any:
    if name is None:
        return None
    match kind:
        case "team" | "role":
            return built.id(kind, "here", name)
        case "user":
            return built.user(name)
        case "row":
            return built.row("here", name)
        case "teams":
            return [built.id("team", "here", each) for each in name]
        case _:
            return name


@dataclass(frozen=True)
class _Choices:
    """What the arguments of changes in a world are drawn from."""

    draw: DrawFn
    world: World
    shape: Shape

    def user(self) -> tuple[str, Any]:
        return "user", self.draw(st.sampled_from([member.user for member in self.world.here.members]))

    def user_or_none(self) -> tuple[str, Any]:
        return self.user() if self.draw(st.booleans()) else ("user", None)

    def role(self) -> tuple[str, Any]:
        custom = [name for name, _ in self.world.here.roles]
        return "role", self.draw(st.sampled_from([*custom, "Owner", "Administrator", "Marketing manager"]))

    def custom(self) -> tuple[str, Any]:
        return "role", self.draw(st.sampled_from([name for name, _ in self.world.here.roles]))

    def team(self) -> tuple[str, Any]:
        teams = [team.name for team in self.world.here.teams]
        return "team", self.draw(st.sampled_from(teams)) if teams else None

    def team_or_none(self) -> tuple[str, Any]:
        return self.team() if self.draw(st.booleans()) else ("team", None)

    def teams(self) -> tuple[str, Any]:
        names = [team.name for team in self.world.here.teams]
        return "teams", self.draw(st.lists(st.sampled_from(names), unique=True, max_size=2)) if names else []

    def flag(self) -> tuple[str, Any]:
        return "flag", self.draw(st.booleans())

    def status(self) -> tuple[str, Any]:
        return "text", self.draw(st.sampled_from(["active", "deactivated"]))

    def cells(self) -> tuple[str, Any]:
        found = sorted(self.draw(roles((self.shape.module, self.shape.asset))))
        return "json", json.dumps([{"module": of, "action": does, "scopes": [on]} for of, does, on in found])

    def row(self) -> Row:
        return self.draw(st.sampled_from(self.world.here.rows))


CALLS: dict[str, tuple[Callable[[_Choices], tuple[str, Any]], ...]] = {
    "change_role": (_Choices.user, _Choices.role),
    "set_role_cells": (_Choices.custom, _Choices.cells),
    "set_status": (_Choices.user, _Choices.status),
    "set_super_admin": (_Choices.user, _Choices.flag),
    "remove_member": (_Choices.user, _Choices.user_or_none),
    "join_team": (_Choices.user, _Choices.team, _Choices.flag),
    "leave_team": (_Choices.user, _Choices.team),
    "set_main_team": (_Choices.user, _Choices.team_or_none),
    "move_team": (_Choices.team, _Choices.team_or_none),
    "delete_team": (_Choices.team, _Choices.team_or_none),
    "attach_role_to_team": (_Choices.team, _Choices.role),
    "detach_role_from_team": (_Choices.team, _Choices.role),
}


def _called(function: str, choices: _Choices) -> Change:
    return Change(function, tuple(draw(choices) for draw in CALLS[function]))


def _exception(choices: _Choices) -> Change:
    module = REGISTRY.by_name[REGISTRY.by_name[choices.row().module].governing]
    action = choices.draw(st.sampled_from(module.actions))
    scope = choices.draw(st.sampled_from(SCOPES)) if action.on_rows else "all"
    effect = choices.draw(st.sampled_from(["grant", "deny", "none"]))
    return Change(
        "set_exception",
        (choices.user(), ("text", module.name), ("text", action.name), ("text", scope), ("text", effect)),
    )


def _assigned(choices: _Choices) -> Change:
    row = choices.row()
    module = REGISTRY.by_name[row.module]
    if module.kind is Kind.CHILD:
        return _called("change_role", choices)
    where = choices.teams() if module.kind is Kind.ASSET else choices.team_or_none()
    named = (("row", row.name), choices.user_or_none(), where, choices.flag())
    return Change(f"assign_{module.name}", named, in_account=False)


def _shared(choices: _Choices) -> Change:
    row = choices.row()
    module = REGISTRY.by_name[row.module]
    if module.kind is Kind.CHILD:
        return _called("join_team", choices)
    to: Named = (choices.user(), ("team", None)) if choices.draw(st.booleans()) else (("user", None), choices.team())
    if choices.draw(st.booleans()):
        return Change(f"unshare_{module.name}", (("row", row.name), *to), in_account=False)
    possible = [each for each in module.row_actions if each != "assign"]
    actions = choices.draw(st.lists(st.sampled_from(possible), min_size=1, max_size=3, unique=True))
    return Change(f"share_{module.name}", (("row", row.name), *to, ("texts", actions)), in_account=False)


WAYS: tuple[Callable[[_Choices], Change], ...] = (
    *(partial(_called, function) for function in CALLS),
    _exception,
    _assigned,
    _shared,
)


@st.composite
def _drawn(draw: DrawFn, world: World, shape: Shape) -> Change:
    return draw(st.sampled_from(WAYS))(_Choices(draw, world, shape))


def changes(world: World, shape: Shape) -> SearchStrategy[Change]:
    """A change of one fact; some are refused."""
    return _drawn(world, shape)
