"""Built-in roles of every account (mission, section 5), literally. They can be cloned, not changed.

Owner is not here: it holds everything, whatever modules there are.
"""

from schema.registry import Scope

Cell = tuple[str, str, Scope]

_RECORDS = ("contacts", "companies", "deals", "tickets")


def _cells(modules: tuple[str, ...], actions: str, scope: Scope) -> tuple[Cell, ...]:
    return tuple((module, action, scope) for module in modules for action in actions.split())


BUILTIN_ROLES: dict[str, tuple[Cell, ...]] = {
    "Member": _cells(("deals", "tickets"), "view create update", Scope.CREATED),
    "Administrator": (
        *_cells(("landing_pages",), "view create update clone publish delete manage_domain", Scope.ALL),
        *_cells(_RECORDS, "view create update import assign delete", Scope.ALL),
        *_cells(("settings",), "configure", Scope.ALL),
    ),
}
