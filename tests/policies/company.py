"""The company in which the matrices are acted out: who is there, in which teams, and whose rows there are.

    region                      desk (holds a role of its own)
      north                     west
        oslo                      coast
      south

Whoever is not said to be elsewhere has north for a main team and west for an extra one.
"""

from collections.abc import Iterator, Mapping

from schema.modules import REGISTRY
from schema.registry import Kind, Module
from tests.support.model import Account, Cell, Exempt, Member, Row, Team, World

ACME, PLAIN, RIVAL = "acme", "plain", "rival"
WITNESS = {ACME: "olga", PLAIN: "paula", RIVAL: "rita"}
COLLEAGUES = {"peer": "north", "kid": "oslo", "boss": "region", "side": "south", "wes": "west", "cora": "coast"}

TEAMS = (
    Team("region"),
    Team("north", "region"),
    Team("oslo", "north"),
    Team("south", "region"),
    Team("west"),
    Team("coast", "west"),
    Team("desk"),
)
ROW_ACTIONS = (
    "view",
    "view_sensitive",
    "update",
    "delete",
    "assign",
    "publish",
    "publish_internal",
    "manage_domain",
    "send",
    "activate",
    "connect",
    "configure",
)

# Whose row it is, as owner and teams; open is a record of all teams, or an asset that is not restricted.
RECORDS = {
    "mine": ("{me}", ("south",), False),
    "made": ("side", ("south",), False),
    "peers": ("peer", ("north",), False),
    "child": ("kid", ("oslo",), False),
    "parent": ("boss", ("region",), False),
    "sideways": ("side", ("south",), False),
    "extra": ("wes", ("west",), False),
    "extra_child": ("cora", ("coast",), False),
    "open": ("side", ("south",), True),
    "no_team": ("side", (), False),
    "unowned": (None, ("south",), False),
    "pool": (None, ("north",), False),
}
ASSETS = {
    "mine": ("{me}", ("south",), False),
    "made": ("side", ("south",), False),
    "open": ("side", (), True),
    "open_south": ("side", ("south",), True),
    "peers": ("peer", ("north",), False),
    "child": ("kid", ("oslo",), False),
    "parent": ("boss", ("region",), False),
    "sideways": ("side", ("south",), False),
    "several": ("side", ("south", "oslo"), False),
    "extra": ("wes", ("west",), False),
    "private": ("side", (), False),
    "unowned": (None, (), True),
    "lost": (None, ("south",), False),
}
# In an account without teams; `private` is a restricted asset.
PLAIN_RECORDS = {
    "mine": ("{me}", (), False),
    "made": ("olaf", (), False),
    "others": ("olaf", (), False),
    "unowned": (None, (), False),
}
PLAIN_ASSETS = {
    **PLAIN_RECORDS,
    "mine": ("{me}", (), True),
    "made": ("olaf", (), True),
    "others": ("olaf", (), True),
    "private": ("olaf", (), False),
    "unowned": (None, (), True),
}
# What is the whole account's has no owner and no team.
SHARED = {"shared": (None, (), True)}
OF_ME = ("mine", "made")


def kinds(module: Module, account: str) -> Mapping[str, tuple[str | None, tuple[str, ...], bool]]:
    """Whose rows of a module there are in an account."""
    if module.kind is Kind.SHARED:
        return SHARED
    if account == PLAIN:
        return PLAIN_ASSETS if module.kind is Kind.ASSET else PLAIN_RECORDS
    return ASSETS if module.kind is Kind.ASSET else RECORDS


def every(actions: str, *scopes: str) -> frozenset[Cell]:
    """Cells of these actions on these scopes, in every module that knows the action; some have no scope."""
    return frozenset(
        (module.name, action, scope if REGISTRY.on_rows(module.name, action) else "all")
        for module in REGISTRY.modules
        for action in actions.split()
        for scope in scopes
        if action in module.action_names
    )


OWNED = tuple(module for module in REGISTRY.modules if module.kind in (Kind.RECORD, Kind.ASSET))


def possible(module: Module) -> frozenset[str]:
    """What can be done to rows of a module at all."""
    return frozenset({"view", *REGISTRY.buttons(module)} & set(ROW_ACTIONS))


ALL_ACTIONS = " ".join(ROW_ACTIONS)
ROLES = {
    "created": every(ALL_ACTIONS, "created"),
    "owned": every(ALL_ACTIONS, "owned"),
    "team": every(ALL_ACTIONS, "team"),
    "unassigned": every(ALL_ACTIONS, "unassigned"),
    "all": every(ALL_ACTIONS, "all"),
    "made_or_unowned": every(ALL_ACTIONS, "created", "unassigned"),
    "viewer": every("view", "team"),
    "updater": every("update", "team"),
    "publisher": every("publish", "team"),
    "internal_publisher": every("publish_internal", "team"),
    "mixed": every("view", "all")
    | every("update publish", "team")
    | every("delete", "owned")
    | every("assign", "created"),
    "writer": frozenset(
        (module.name, action, "all")
        for module in REGISTRY.modules
        for action in ("create", "import")
        if action in module.action_names
    ),
    "clerk": every("view update", "owned"),
}

# Who acts, with which role. A name that is a role's is a member with that role.
SAME = (
    "created",
    "owned",
    "team",
    "unassigned",
    "all",
    "made_or_unowned",
    "viewer",
    "updater",
    "publisher",
    "internal_publisher",
    "mixed",
    "writer",
)


def exempt(effect: str, action: str, scope: str, hours: int | None = None) -> tuple[Exempt, ...]:
    """The same exception in every module that knows the action."""
    return tuple(Exempt(effect, cell, hours) for cell in sorted(every(action, scope)) if REGISTRY.on_rows(*cell[:2]))


def _in_north(user: str, role: str, *exceptions: Exempt, active: bool = True, super_admin: bool = False) -> Member:
    return Member(user, role, "north", ("west",), exceptions, active=active, super_admin=super_admin)


SUBJECTS = (
    *(_in_north(role, role) for role in SAME),
    Member("lead", "team", "region"),
    Member("leaf", "team", "oslo"),
    Member("teamless", "team"),
    Member("extra_only", "team", None, ("north",)),
    Member("department", "writer", "desk"),
    _in_north("granted", "viewer", *exempt("grant", "delete", "owned")),
    _in_north("granted_for_an_hour", "viewer", *exempt("grant", "delete", "owned", 1)),
    _in_north("granted_until_before", "viewer", *exempt("grant", "delete", "owned", -1)),
    _in_north("denied", "team", *exempt("deny", "update", "team")),
    _in_north("denied_for_an_hour", "team", *exempt("deny", "update", "team", 1)),
    _in_north("denied_until_before", "team", *exempt("deny", "update", "team", -1)),
    _in_north("denied_view", "team", *exempt("deny", "view", "team")),
    _in_north("denied_part_of_all", "all", *exempt("deny", "update", "team")),
    _in_north("owner", "Owner", *exempt("deny", "view", "all")),
    _in_north("super_admin", "writer", super_admin=True),
    _in_north("administrator", "Administrator"),
    _in_north("marketing_manager", "Marketing manager"),
    _in_north("marketing_team", "Marketing team"),
    _in_north("member", "Member"),
    _in_north("deactivated", "all", active=False),
    _in_north("deactivated_super_admin", "Owner", active=False, super_admin=True),
    _in_north("in_two_accounts", "owned"),
)
PLAIN_SUBJECTS = tuple(Member(role, role) for role in ("created", "owned", "team", "unassigned", "all"))


def row_name(module: str, whose: str, who: str) -> str:
    """The name of a row; of those that are somebody's, each has one."""
    return f"{module} {whose} {who}" if whose in OF_ME else f"{module} {whose}"


def rows(account: str, subjects: tuple[Member, ...]) -> Iterator[Row]:
    """All rows of an account; those that say nothing else were made by its witness."""
    for module in REGISTRY.modules:
        for whose, (owner, teams, is_open) in kinds(module, account).items():
            for me in [member.user for member in subjects] if whose in OF_ME else [""]:
                yield Row(
                    row_name(module.name, whose, me),
                    module.name,
                    creator=me if whose == "made" else WITNESS[account],
                    owner=owner.format(me=me) if owner else None,
                    teams=teams,
                    open=is_open,
                )


COMPANY = World(
    (
        Account(
            ACME,
            (
                Member("olga", "Owner", super_admin=True),
                *(Member(user, "writer", team) for user, team in COLLEAGUES.items()),
                *SUBJECTS,
            ),
            TEAMS,
            tuple(ROLES.items()),
            (("desk", "clerk"),),
            tuple(rows(ACME, SUBJECTS)),
        ),
        Account(
            PLAIN,
            (Member("paula", "Owner", super_admin=True), Member("olaf", "writer"), *PLAIN_SUBJECTS),
            roles=tuple(ROLES.items()),
            rows=tuple(rows(PLAIN, PLAIN_SUBJECTS)),
        ),
        Account(
            RIVAL,
            (Member("rita", "Owner", super_admin=True), Member("in_two_accounts", "Owner")),
            rows=tuple(
                Row(f"{module.name} foreign", module.name, "rita", "in_two_accounts", open=True)
                for module in REGISTRY.modules
            ),
        ),
    )
)
