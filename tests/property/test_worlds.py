"""Random worlds have everything in them: a rule of which no world speaks would be shown by none."""

from collections import Counter

from schema.modules import REGISTRY
from tests.property import oracle
from tests.property.asking import READ, acts_of
from tests.property.test_sql import worlds_of
from tests.support.model import Account, Member, World

BATCHES = 24


def test_every_action_of_every_module_is_allowed_and_denied() -> None:
    """Of what `REGISTRY` lists; a module that is added is asked of, too."""
    found: Counter[tuple[str, str, bool]] = Counter()
    for world in all_worlds():
        modules = {row.name: row.module for _, row in world.rows} | {name: name for name in REGISTRY.by_name}
        for account in world.accounts:
            for member in account.members:
                for (act, what), yes in oracle.verdicts(world, member, account).items():
                    found[modules[what.split()[0]], act, yes] += 1
    missing = {
        (module.name, act, yes)
        for module in REGISTRY.modules
        for act in {*acts_of(module), "view", *({"export"} & set(module.action_names))}
        for yes in (True, False)
    } - found.keys()
    assert missing == set()
    # Whatever changes rows of a module, or takes them out, is tried somehow.
    for module in REGISTRY.modules:
        assert {*REGISTRY.buttons(module), *module.action_names} <= {*acts_of(module), *READ, *MADE_OF}


# To create is asked of no row; `configure` and `connect` of tools are what the functions of administration ask for.
MADE_OF = {"create", "import"}


def test_every_kind_of_fact_is_there() -> None:
    """Exceptions, tiers, shares with an end, unassigned rows, assets of several teams, parents and what is theirs..."""
    found: Counter[str] = Counter()
    for world in all_worlds():
        found.update(kinds_of(world, world.here))
    assert {kind: number for kind, number in found.items() if number < BATCHES // 2} == {}
    assert len(found) == KINDS


KINDS = 23


def kinds_of(world: World, account: Account) -> set[str]:
    """What there is in a world."""
    rows = account.rows
    kinds = {
        "no teams": not account.teams,
        "teams below teams": any(team.parent for team in account.teams),
        "roles of teams": bool(account.team_roles),
        "assets of several teams": any(len(row.teams) > 1 for row in rows),
        "unassigned rows": any(row.owner is None for row in rows),
        "rows of a parent": any(row.parent for row in rows),
        "shared parents": any(share.row in {row.parent for row in rows} for share in account.shares),
        "shares that last": any(share.ends_in_hours is None for share in account.shares),
        "shares that end": any(share.ends_in_hours == 1 for share in account.shares),
        "shares that are over": any(share.over for share in account.shares),
        "shares with teams": any(share.team for share in account.shares),
        "low tiers": any(tier == "free" for _, tier in account.tiers),
        "lists": bool(account.listed),
        "another account": bool(world.accounts[1:]),
        "former times": bool(world.former),
    }
    return {kind for kind, there in kinds.items() if there} | {
        kind for member in account.members[1:] for kind in kinds_of_member(member)
    }


def kinds_of_member(member: Member) -> set[str]:
    """What somebody is."""
    kinds = {
        "deactivated": not member.active,
        "removed": member.removed,
        "super admins": member.super_admin,
        "extra teams": bool(set(member.extras) - {member.main}),
        "owners": member.role == "Owner",
        **{
            f"{effect} {ends}": any((each.effect, each.ends_in_hours) == (effect, ends) for each in member.exceptions)
            for effect, ends in (("grant", None), ("deny", None), ("deny", -1))
        },
    }
    return {kind for kind, there in kinds.items() if there}


def all_worlds() -> list[World]:
    """Those of some batches."""
    return [world for batch in range(BATCHES) for world in worlds_of(f"what is there {batch}")]
