"""What the rules of the product say about a world, in plain Python, from the rules alone: it knows nothing of SQL."""

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import cache, cached_property

from schema.modules import REGISTRY
from schema.registry import Kind, Module
from schema.roles import BUILTIN_ROLES
from tests.support.model import Account, Cell, Member, Row, Share, World, brought

Verdicts = dict[tuple[str, str], bool]
"""What is done (to what) by the name of the action and of the row; of what concerns no row, of the module."""

ON_ROWS = {(module, action): on_rows for module, action, on_rows in REGISTRY.catalogue()}
ACTIONS = (
    *("view", "view_sensitive", "update", "delete", "assign", "configure"),
    *("publish", "publish_internal", "manage_domain", "send", "activate", "connect"),
)
PARTS = {(module, "publish"): "publish_internal" for module in ("landing_pages", "web_pages", "blog_posts")}
# P1: worlds are of customers, whose accounts do not have what is for partners.
ABSENT = {"partner_employees"}
EVERYTHING = {(module, action, "all") for module, action in ON_ROWS if module not in ABSENT}
TIERS = ("free", "professional", "enterprise")


def reached_teams(account: Account, member: Member) -> set[str]:
    """Own and extra teams (T5) and all below them (T4)."""
    reached = {member.main, *member.extras} - {None}
    while below := {team.name for team in account.teams if team.parent in reached} - reached:
        reached |= below
    return {team for team in reached if team}


def acts(member: Member) -> bool:
    """Whether he may come in at all (T2, T10)."""
    return member.active and not member.removed


def held_cells(account: Account, member: Member) -> set[Cell]:
    """Role, joined with the roles of one's teams, plus and minus live exceptions (C4), closed under C2."""
    if not acts(member):
        return set()
    attached = {role for team, role in account.team_roles if team in {member.main, *member.extras}}
    roles = {member.role, *attached}
    if member.super_admin or "Owner" in roles:  # T7, T8: everything, and exceptions take nothing from it
        return set(EVERYTHING)
    # C1: what concerns no row has no scope, whatever the matrix of the role says of its column.
    builtin = {
        (role, (m, a, s if ON_ROWS[m, a] else "all")) for role in roles for m, a, s in BUILTIN_ROLES.get(role, ())
    }
    custom = {(name, cell) for name, cells in account.roles if name in roles for cell in cells}
    live = [exempt for exempt in member.exceptions if not exempt.over]
    # G1: what goes beyond the role stays with the member, and of his own role he lacks what was withheld, to the cell.
    granted = {exempt.cell for exempt in live if exempt.effect in ("grant", "kept")}
    withheld = {exempt.cell for exempt in live if exempt.effect == "withheld"}
    denied = {exempt.cell for exempt in live if exempt.effect == "deny"}
    by_role = {cell for role, cell in builtin | custom if role in attached or cell not in withheld}
    given = {cell for cell in by_role | granted if cell[0] not in ABSENT}
    return closed({cell for cell in given if not any(takes(deny, cell) for deny in denied)})


def closed(cells: Iterable[Cell]) -> set[Cell]:
    """Cells with what follows from them."""
    kept = set(cells)
    # C2: an action on rows implies view on the same scope, configure implies view of its tool.
    implied = {(m, "view", s) for m, a, s in kept if ON_ROWS[m, a]} | {
        (m, "view", "all") for m, a, _ in kept if a == "configure" and (m, "view") in ON_ROWS
    }
    # C3: who publishes anywhere does so within the company.
    implied |= {(m, part, s) for m, a, s in kept for part in [PARTS.get((m, a))] if part}
    return kept | implied


def beyond(cells: Iterable[Cell], held: Collection[Cell]) -> set[Cell]:
    """Cells that are not covered; `all` covers every scope."""
    return {cell for cell in cells if cell not in held and (cell[0], cell[1], "all") not in held}


def delegated(asked: Collection[Cell], had: Collection[Cell], held: Collection[Cell]) -> set[Cell]:
    """G1, literally: S and H, joined with O where H does not cover O. Of S on all rows, H's own scopes remain."""
    both = set(asked) - beyond(asked, held) | {cell for cell in held if (cell[0], cell[1], "all") in asked}
    return both | beyond(had, held)


def takes(deny: Cell, cell: Cell) -> bool:
    """Whether a denied cell takes a given one: what it names, what implies that (C2), and `all` where it is in part."""
    (module, action, scope), (held_module, held_action, held_scope) = deny, cell
    on_rows = ON_ROWS[held_module, held_action]
    implies = held_action == action or (action == "view" and (on_rows or held_action == "configure"))
    implies = implies or PARTS.get((held_module, held_action)) == action
    return module == held_module and implies and (not on_rows or scope == held_scope or "all" in (scope, held_scope))


@dataclass(frozen=True)
class Viewer:
    """A member of an account, and what follows from that."""

    account: Account
    member: Member

    @cached_property
    def teams(self) -> set[str]:
        """Teams that he reaches."""
        return reached_teams(self.account, self.member)

    @cached_property
    def scopes(self) -> dict[tuple[str, str], set[str]]:
        """The scopes on which he holds a module's action; `all` covers the others (C1)."""
        found: dict[tuple[str, str], set[str]] = {}
        for module, action, scope in held_cells(self.account, self.member):
            found.setdefault((module, action), set()).add(scope)
        return {key: {"all"} if "all" in scopes else scopes for key, scopes in found.items()}

    @cached_property
    def rows(self) -> dict[str, Row]:
        """Rows of the account by their names."""
        return {row.name: row for row in self.account.rows}

    @cached_property
    def shares(self) -> list[tuple[str, Share]]:
        """Shares with him or with a team that he reaches, and of which row, with all that belongs to it (O8)."""
        return [
            (whole(self.rows[share.row]), share)
            for share in self.account.shares
            if not share.over and (share.user == self.member.user or share.team in self.teams)
        ]

    def holds(self, module: str, action: str) -> bool:
        """Whether he holds an action, on whichever scope."""
        return (module, action) in self.scopes

    def told(self) -> set[Cell]:
        """What he is told that he holds."""
        return {(*key, scope) for key, scopes in self.scopes.items() for scope in scopes}

    def covers(self, scope: str, row: Row) -> bool:
        """Whether a row of his account is in a scope (C1, O1 to O4, O7, T4 to T6)."""
        mine, made = row.owner == self.member.user, row.creator == self.member.user
        by_team = not self.teams.isdisjoint(row.teams)
        unowned = row.owner is None
        # What is restricted is reached by its teams alone, by its owner and creator, and by `all`.
        if REGISTRY.by_name[row.module].kind is Kind.ASSET:
            in_team, unowned = row.open or by_team or mine or made, unowned and row.open
        else:
            in_team = row.open or by_team or mine or not self.account.teams
        return {"all": True, "team": in_team, "owned": mine, "created": made, "unassigned": unowned}[scope]

    def within(self, action: str, row: Row) -> bool:
        """Whether the scopes on which he holds an action reach a row of his account."""
        scopes = self.scopes.get((REGISTRY.by_name[row.module].governing, action), ())
        return any(self.covers(scope, row) for scope in scopes)

    def shared(self, action: str, row: Row) -> bool:
        """Whether a row is shared with him for an action on rows.

        To assign is not among them: whom a row is for is said by roles. What belongs to a row is shared with it.
        """
        return action != "assign" and any(
            name == whole(row) and action in brought(row.module, share.actions) for name, share in self.shares
        )

    def may(self, action: str, row: Row) -> bool:
        """Whether he may act on a row; rows of other accounts do not exist for him (T1).

        What has no scope is done to the rows that he views by scopes of his own.
        """
        governing = REGISTRY.by_name[row.module].governing
        # C9: where the account does not mask them, sensitive columns are read with the row.
        if action == "view_sensitive" and governing in self.account.plain and self.may("view", row):
            return True
        if self.rows.get(row.name) != row or not self.holds(governing, action):
            return False
        if not ON_ROWS[governing, action]:
            return self.within("view", row)
        return self.within(action, row) or self.shared(action, row)

    def may_clone(self, row: Row) -> bool:
        """A copy is a new row (C2); of what is restricted it is restricted, which the tier has to allow."""
        module = REGISTRY.by_name[row.module]
        allowed = module.kind is not Kind.ASSET or row.open or partitioned(self.account, module)
        return allowed and self.may("clone", row) and self.holds(module.name, "create")

    def may_hand_to(self, team: str, row: Row) -> bool:
        """Whether he may give a row to a team that he reaches, and where he still may assign it (O4, O5, T8)."""
        module = REGISTRY.by_name[row.module]
        given = replace(row, teams=(team,), open=False)
        needs_tier = module.kind is Kind.ASSET and (row.open or team not in row.teams)
        allowed = not needs_tier or partitioned(self.account, module)
        return allowed and self.may("assign", row) and self.within("assign", given)

    def may_leave(self, row: Row) -> bool:
        """Whether he may take a row from its owner: a record is for all then, an asset for no team (O3 to O5, T8).

        Where that leaves it, he still may assign it; of what was there before, he only changes the owner.
        """
        module = REGISTRY.by_name[row.module]
        record = module.kind is Kind.RECORD
        left = replace(row, owner=None, open=True) if record else replace(row, owner=None, teams=(), open=False)
        stays = row.owner is not None and replace(left, owner=row.owner) == row
        allowed = record or not row.open or partitioned(self.account, module)
        return allowed and self.may("assign", row) and (stays or self.within("assign", left))

    def may_share(self, team: str, row: Row) -> bool:
        """Whether he may share a row with a team that he reaches, to be viewed (O8, T8).

        Instead of what is shared with it now, of which he takes only what he could do himself (G1).
        """
        now = [each for each in self.account.shares if each.row == row.name and each.team == team and not each.over]
        taken = {action for share in now for action in brought(row.module, share.actions)}
        return (
            partitioned(self.account, REGISTRY.by_name[row.module])
            and self.may("assign", row)
            and all(self.within(action, row) for action in taken)
        )

    def new(self, module: Module) -> Row:
        """A row as he begins it: his own, a record in his main team (O1, O4), an asset open (O3)."""
        me, main = self.member.user, self.member.main
        teams = (main,) if main and module.kind is Kind.RECORD else ()
        return Row("new", module.name, me, me, teams, open=module.kind is not Kind.RECORD)

    def on_row(self, row: Row) -> Iterator[tuple[str, bool]]:
        """What he may do with a row, by what it is called."""
        module = REGISTRY.by_name[row.module]
        for action in actions_of(row.module):
            yield action, self.may(action, row)
        if "export" in module.action_names:
            yield "export", self.may("export", row)
        if "clone" in module.action_names:
            yield "clone", self.may_clone(row)
        if module.kind in (Kind.RECORD, Kind.ASSET) and self.member.main:
            yield "hand", self.may_hand_to(self.member.main, row)
            yield "share", self.may_share(self.member.main, row)
        if module.kind in (Kind.RECORD, Kind.ASSET):
            yield "leave", self.may_leave(row)
        if module.kind is Kind.SHARED:
            yield "erase", self.may("configure", row)
        # What belongs to a row, and is not part of it, is made by who views that row.
        for child in children_of(row.module):
            yield f"create_{child}", self.may("view", row) and self.holds(child, "create")

    def on_module(self, module: Module) -> Iterator[tuple[str, bool]]:
        """What he may do in a module without a row."""
        make = self.holds(module.governing, module.needed("create"))
        yield "create", make
        if module.kind is Kind.SHARED:
            # To make one is to configure, which is to view all of them.
            yield "see_new", make
        else:
            yield "see_new", make and self.within("view", self.new(module))
        if "import" in module.action_names:
            yield "import", make and self.holds(module.name, "import")

    def deliveries(self) -> Iterator[tuple[tuple[str, str], bool]]:
        """To whom an e-mail goes that he sends to a list: those on it whom he may view (C2), if there is one (C3)."""
        for mail in self.account.rows:
            if not REGISTRY.by_name[mail.module].sends_to:
                continue
            for list_name in dict.fromkeys(name for name, _ in self.account.listed):
                sends = self.may("send", mail) and self.may("view", self.rows[list_name])
                on_it = [contact for name, contact in self.account.listed if name == list_name]
                reached = {contact for contact in on_it if sends and self.may("view", self.rows[contact])}
                yield ("deliver", f"{mail.name} to {list_name}"), bool(reached)
                for contact in on_it:
                    yield ("receive", f"{mail.name} by {contact} of {list_name}"), contact in reached


def partitioned(account: Account, module: Module) -> bool:
    """Whether the account's tier has rows of the module given to teams (T8): of the named hubs, else of any."""
    if not account.tiers:  # worlds that say nothing of it have the highest
        return True
    named = module.hub.split(",") if module.hub else [hub for hub, _ in account.tiers]
    tiers = dict(account.tiers)
    highest = max((TIERS.index(tiers.get(hub, "free")) for hub in named), default=0)
    return highest >= TIERS.index(module.tier)


@cache
def actions_of(module: str) -> tuple[str, ...]:
    """What reads or changes rows of a module."""
    buttons = REGISTRY.buttons(REGISTRY.by_name[module])
    return tuple(action for action in ACTIONS if action == "view" or action in buttons)


@cache
def children_of(module: str) -> tuple[str, ...]:
    """Modules of what belongs to a row of this one without being a part of it."""
    return tuple(child.name for child, _ in REGISTRY.children_of(REGISTRY.by_name[module]) if not child.part_of)


def whole(row: Row) -> str:
    """The name of the row that a row belongs to; its own, where it stands alone."""
    return row.parent or row.name


def said(account: Account, member: Member) -> set[Cell]:
    """What a member is told that he holds (C1, C4)."""
    return Viewer(account, member).told()


def verdicts(world: World, member: Member, account: Account | None = None) -> Verdicts:
    """For a member of an account (the first): what he may do with each row of the world, and in each of its modules."""
    viewer = Viewer(account or world.here, member)
    rows = [row for _, row in world.rows]
    found = {(action, row.name): yes for row in rows for action, yes in viewer.on_row(row)}
    for name in sorted({row.module for row in rows}):
        module = REGISTRY.by_name[name]
        # What belongs to a row is made in one.
        if not module.parents:
            found |= {(action, name): yes for action, yes in viewer.on_module(module)}
    return found | dict(viewer.deliveries())
