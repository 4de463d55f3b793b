"""What the rules of the product say about a world, in plain Python, from the rules alone: it knows nothing of SQL."""

from collections.abc import Collection, Iterable

from schema.modules import REGISTRY
from schema.registry import Kind
from schema.roles import BUILTIN_ROLES
from tests.support.model import Account, Cell, Member, Row, World, brought

ON_ROWS = {(module, action): on_rows for module, action, on_rows in REGISTRY.catalogue()}
ACTIONS = (
    *("view", "view_sensitive", "update", "delete", "assign"),
    *("publish", "publish_internal", "manage_domain", "send", "activate", "connect"),
)
PARTS = {(module, "publish"): "publish_internal" for module in ("landing_pages", "web_pages", "blog_posts")}
EVERYTHING = {(module, action, "all") for module, action in ON_ROWS}


def reached_teams(account: Account, member: Member) -> set[str]:
    """Own and extra teams (T5) and all below them (T4)."""
    reached = {member.main, *member.extras} - {None}
    while below := {team.name for team in account.teams if team.parent in reached} - reached:
        reached |= below
    return {team for team in reached if team}


def held_cells(account: Account, member: Member) -> set[Cell]:
    """Role, joined with the roles of one's teams, plus and minus live exceptions (C4), closed under C2."""
    if not member.active:
        return set()
    attached = {role for team, role in account.team_roles if team in {member.main, *member.extras}}
    roles = {member.role, *attached}
    if member.super_admin or "Owner" in roles:  # T7, T8: everything, and exceptions take nothing from it
        return set(EVERYTHING)
    builtin = {cell for role in roles for cell in BUILTIN_ROLES.get(role, ())}
    custom = {cell for name, cells in account.roles if name in roles for cell in cells}
    live = [exempt for exempt in member.exceptions if not exempt.over]
    granted = {exempt.cell for exempt in live if exempt.effect == "grant"}
    denied = {exempt.cell for exempt in live if exempt.effect == "deny"}
    return closed({cell for cell in builtin | custom | granted if not any(takes(deny, cell) for deny in denied)})


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


def covers(account: Account, member: Member, scope: str, row: Row) -> bool:
    """Whether a row of the member's account is in a scope (C1, O1 to O4, O7, T4 to T6)."""
    mine, made = row.owner == member.user, row.creator == member.user
    by_team = bool(set(row.teams) & reached_teams(account, member))
    unowned = row.owner is None
    if REGISTRY.by_name[row.module].kind is Kind.ASSET:  # restricted: only its teams, its owner and creator, and `all`
        in_team, unowned = row.open or by_team or mine or made, unowned and row.open
    else:
        in_team = row.open or by_team or mine or not account.teams
    return {"all": True, "team": in_team, "owned": mine, "created": made, "unassigned": unowned}[scope]


def may(account: Account, member: Member, action: str, row: Row) -> bool:
    """Whether a member may act on a row; rows of other accounts do not exist for him (T1).

    What has no scope is done to the rows that he views.
    """
    governing = REGISTRY.by_name[row.module].governing
    cells = held_cells(account, member)
    scopes = {scope for module, held, scope in cells if (module, held) == (governing, action)}
    if scopes and not ON_ROWS[governing, action]:
        scopes = {scope for module, held, scope in cells if (module, held) == (governing, "view")}
    elif scopes and row in account.rows and shared(account, member, action, row):
        return True
    return row in account.rows and any(covers(account, member, scope, row) for scope in scopes)


def shared(account: Account, member: Member, action: str, row: Row) -> bool:
    """Whether a row is shared with the member, or with a team that he reaches, for an action on rows (O8, T4).

    To assign is not among them: whom a row is for is said by roles.
    """
    return action != "assign" and any(
        share.row == row.name
        and not share.over
        and action in brought(row.module, share.actions)
        and (share.user == member.user or share.team in reached_teams(account, member))
        for share in account.shares
    )


def verdicts(world: World, member: Member) -> dict[tuple[str, str], bool]:
    """For a member of the first account: each action on each row of the world, and creating in each of its modules."""
    here, rows = world.here, [row for _, row in world.rows]
    acts = {
        (action, row.name): may(here, member, action, row)
        for row in rows
        for action in ACTIONS
        if action == "view" or action in REGISTRY.buttons(REGISTRY.by_name[row.module])
    }
    held = {cell[:2] for cell in held_cells(here, member)}
    # What belongs to a row is made in one: that is acting on it.
    alone = {row.module for row in rows if REGISTRY.by_name[row.module].kind is not Kind.CHILD}
    return acts | {("create", module): (module, "create") in held for module in alone}
