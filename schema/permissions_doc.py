"""docs/permissions.md from the registry: `python -m schema.permissions_doc` prints it."""

import sys
from collections.abc import Iterator

from schema.modules import REGISTRY
from schema.registry import Kind, Module, Scope
from schema.roles import BUILTIN_ROLES

SCOPES = {
    Scope.CREATED: "rows that one created",
    Scope.OWNED: "rows that one owns",
    Scope.TEAM: "rows of one's teams and of all teams below them, rows open to all teams, and one's own "
    "(of content, also what one created); in an account without teams, all records and what is open of content",
    Scope.UNASSIGNED: "rows that nobody owns; of content, those that are not restricted",
    Scope.ALL: "all rows of the account",
}
KINDS = {
    Kind.RECORD: "A CRM record: of one team or none, or open to all teams.",
    Kind.ASSET: "A content asset: of no team, one or several; open, or restricted to its teams, owner and creator.",
    Kind.CHILD: "Each belongs to a row of {parents}, whose owner and team it has; it follows and goes with it.",
    Kind.SHARED: "The whole account has the same: there is no owner and no team, and no scope.",
}
ACTIONS = {
    "view": "see rows",
    "view_sensitive": "see the columns that are marked sensitive",
    "create": "make rows; for somebody else, or elsewhere than where one's rows start, `assign` too",
    "update": "change rows; what is published, with the action that publishes it there; what was sent, not any more",
    "delete": "delete rows",
    "clone": "copy rows",
    "assign": "give rows to another owner or team, open or restrict them, share them",
    "import": "bring rows in from elsewhere, many at once, with `create`",
    "export": "take rows out to files",
    "publish": "put rows on the web, and take them off; of pages and posts, for everybody or for colleagues alone",
    "publish_internal": "publish pages and posts for colleagues alone, and take those off; held with `publish`",
    "send": "send rows to people; in a conversation, write",
    "connect": "say through which account outside rows that one sees work; held or not",
    "activate": "let rows run, and stop them",
    "manage_domain": "say which domain serves a row",
    "configure": "change how the tool works",
}

INTRODUCTION = """\
A capability is a module, an action and a scope. Holding one gives no other, but that every action on rows brings `view`
of the same rows, `configure` brings `view` of its tool, and `publish` brings `publish_internal` of the same rows, where
there is such an action.

What a member holds is the member's role, joined with the roles of the member's teams, plus and minus personal
exceptions, each for good or until an end. Taking `view` of rows takes every action on them; taking a part of `all`
takes `all`, and taking `publish_internal` takes `publish`. Nothing is taken from an owner or a super admin.

A single row can be shared with a member or a team, for some actions on rows but `assign`, for good or until an end, by
who may `assign` it and has those actions on it. That adds the row to those that the receiver's scopes reach, for the
actions that the receiver knows of the module on any scope, and what belongs to it with it; it adds no action.

Sensitive columns are for holders of `view_sensitive`, unless the account has those of the module as ordinary ones; then
they go with `view` and `update`, and nobody holds `view_sensitive` by that.

Who configures roles, users and teams gives and takes what he holds himself, and no more; his own rights are for others
to change.
"""


def document() -> str:
    """The whole document, as Markdown."""
    return "\n".join(_lines()).rstrip() + "\n"


def _lines() -> Iterator[str]:
    yield "# Permissions"
    yield ""
    yield "<!-- Made by `python -m schema.permissions_doc`; a test compares. -->"
    yield ""
    yield INTRODUCTION
    yield from _table(("Scope", "Covers"), ((f"`{scope}`", text) for scope, text in SCOPES.items()))
    yield from _table(("Action", "Is to"), ((f"`{action}`", ACTIONS[action]) for action in _actions()))
    yield "## Modules"
    yield ""
    for module in REGISTRY.modules:
        yield from _module(module)
    yield "## Tools"
    yield ""
    yield "They have no rows: one holds an action or does not."
    yield ""
    yield "Some are there in accounts of some kinds alone: in others nobody holds them, no owner, no super admin, and"
    yield "nobody is given them. Cells that an account has of them are kept, and come into force with its kind."
    yield ""
    yield from _table(
        ("Tool", "Actions", "Accounts"),
        (
            (f"`{tool.name}`", _code(tool.actions), _code(tool.kinds) if tool.kinds else "all")
            for tool in REGISTRY.tools
        ),
    )
    yield "## Built-in roles"
    yield ""
    yield "Every account starts with these. They can be cloned, not changed."
    yield ""
    yield "**Owner** holds everything that the account has, as does whoever is super admin."
    yield ""
    for role, cells in BUILTIN_ROLES.items():
        yield f"**{role}**"
        yield ""
        yield from _table(("Module", "Actions", "Scope"), _role(cells))


def _actions() -> list[str]:
    """Actions in the order in which modules first name them."""
    return list(dict.fromkeys(action for _, action, _ in REGISTRY.catalogue()))


def _module(module: Module) -> Iterator[str]:
    yield f"### {module.name}"
    yield ""
    *others, last = [link.target for link in module.parents] or [""]
    parents = f"{', '.join(others)} or {last}" if others else last
    yield f"{module.description} {KINDS[module.kind].format(parents=parents)}"
    yield ""
    if module.part_of:
        yield from _part(module)
        return
    scoped = [action.name for action in module.actions if action.on_rows]
    held = [action.name for action in module.actions if not action.on_rows]
    if scoped:
        yield f"- with a scope: {_code(scoped)}"
    yield f"- held or not: {_code(held)}"
    if module.sensitive:
        yield f"- sensitive columns: {_code([column.name for column in module.sensitive])}"
    special = [column for column in module.columns if column.action != "update"]
    for action in dict.fromkeys(column.action for column in special):
        yield f"- changed by `{action}`: {_code([column.name for column in special if column.action == action])}"
    yield from _destination(module)
    yield from _state(module)
    if module.kind is not Kind.SHARED:
        hubs = f" of {module.hub.replace(',', ' or ')}" if module.hub else ""
        yield f"- partitioned by team from tier `{module.tier}`{hubs}"
    yield ""


def _destination(module: Module) -> Iterator[str]:
    """What whoever publishes or sends has to name, and what is enough for less (C3)."""
    goes = module.destination
    if goes is None:
        return
    named = f"- `{goes.column}` is named by whoever makes `{goes.state}` `{module.gone}`"
    if goes.limited:
        named += "; while it is and was `{}` at most, `{}` is enough".format(*goes.limited)
    if module.sends_to:
        named += "; that is done once, for those on the list whom the sender may view"
    yield named


def _state(module: Module) -> Iterator[str]:
    """What a change of what a row says needs beside `update` (C3)."""
    if module.shown:
        narrower = f" (within the company alone, `{module.narrower}`)" if module.narrower else ""
        last = module.shown.choices[-1]
        yield f"- while `{module.shown.name}` is `{last}`, `update` needs `{module.shown.action}` too{narrower}"
    for state, _ in module.done:
        for choice in state.choices[1:-1]:
            yield f"- while `{state.name}` is `{choice}`, `update` needs `{state.action}` too"
        later = [column.name for column in module.content if column.afterwards]
        rest = f"nothing but {_code(later)}" if later else "nothing any more"
        yield f"- once `{state.name}` is `{state.choices[-1]}`, `update` changes {rest}, whoever holds it"


def _part(module: Module) -> Iterator[str]:
    """What governs a module that has no capabilities of its own."""
    yield f"- governed by the capabilities of `{module.governing}`, and seen with it"
    for verb in ("create", "update", "delete"):
        yield f"- to {verb} one: `{module.needed(verb)}`"
    yield ""


def _role(cells: tuple[tuple[str, str, Scope], ...]) -> Iterator[tuple[str, ...]]:
    for module in dict.fromkeys(module for module, _, _ in cells):
        held = [(action, scope) for name, action, scope in cells if name == module]
        scopes = dict.fromkeys(scope for action, scope in held if REGISTRY.on_rows(module, action))
        yield f"`{module}`", _code([action for action, _ in held]), _code(list(scopes)) or "-"


def _code(words: list[str] | tuple[str, ...] | list[Scope]) -> str:
    return " ".join(f"`{word}`" for word in words)


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    for row in (head, ("---",) * len(head), *rows):
        yield f"| {' | '.join(row)} |"
    yield ""


if __name__ == "__main__":
    sys.stdout.write(document())
