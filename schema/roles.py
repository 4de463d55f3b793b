"""Built-in roles of every account (mission, section 5), literally. They can be cloned, not changed.

Owner is not here: it holds everything, whatever modules there are.
"""

from schema.modules import REGISTRY
from schema.registry import Scope

Cell = tuple[str, str, Scope]

PARTNER_ADMIN = "Partner admin"

_RECORDS = ("contacts", "companies", "deals", "leads", "tickets", "tasks")
# Nobody who comes from outside has these.
_NOT_FOR_PARTNERS = ("billing", "scim", "data_migration")


def _cells(modules: tuple[str, ...], actions: str, scope: Scope) -> tuple[Cell, ...]:
    return tuple((module, action, scope) for module in modules for action in actions.split())


BUILTIN_ROLES: dict[str, tuple[Cell, ...]] = {
    "Member": _cells(("leads", "deals", "tickets"), "view create update", Scope.CREATED),
    "Administrator": (
        *_cells(("landing_pages",), "view create update clone publish delete manage_domain", Scope.ALL),
        *_cells(("social_posts",), "view create update publish delete connect", Scope.ALL),
        *_cells(("ad_campaigns",), "view create update delete activate connect", Scope.ALL),
        *_cells(("conversations",), "view send connect", Scope.ALL),
        *_cells(("workflows",), "view create update delete", Scope.ALL),
        *_cells(_RECORDS, "view create update import assign delete", Scope.ALL),
        *_cells(("invoices",), "view create update import assign delete send", Scope.ALL),
        *_cells(("marketing_emails",), "send", Scope.ALL),
        *_cells(("settings",), "configure", Scope.ALL),
    ),
    "Marketing manager": (
        *_cells(("landing_pages",), "view create update clone publish delete", Scope.TEAM),
        *_cells(("social_posts",), "view create update publish delete", Scope.TEAM),
        *_cells(("ad_campaigns",), "view create update delete activate", Scope.TEAM),
        *_cells(("conversations",), "send connect", Scope.OWNED),
        *_cells(_RECORDS, "create update assign import delete", Scope.TEAM),
        *_cells(("marketing_emails",), "send", Scope.TEAM),
    ),
    "Marketing team": (
        *_cells(("landing_pages",), "view create update clone", Scope.TEAM),
        *_cells(("social_posts",), "view create update", Scope.TEAM),
        *_cells(("ad_campaigns",), "view create update", Scope.TEAM),
        *_cells(("conversations",), "send", Scope.OWNED),
        *_cells(_RECORDS, "view create update import", Scope.TEAM),
        *_cells(("marketing_emails",), "send", Scope.TEAM),
    ),
    PARTNER_ADMIN: tuple(
        (module, action, Scope.ALL) for module, action, _ in REGISTRY.catalogue() if module not in _NOT_FOR_PARTNERS
    ),
}
