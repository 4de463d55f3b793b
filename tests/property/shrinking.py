"""From a world in which something is wrong to a small one in which something still is, and which one can read.

Each round tries everything that could be left out, in one batch; then as many of those that may be left out together.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from tests.property.worlds import settled
from tests.support.model import Account, Member, Row, World

T = TypeVar("T")

Simplify: TypeAlias = Callable[[World], World | None]
"""A smaller world, or None where it would be the same."""

Change: TypeAlias = Callable[[Account], Account]

Wrong: TypeAlias = Callable[[Sequence[World]], Awaitable[list[bool]]]
"""Which of these worlds are wrong."""

BATCH = 50


async def shrunk(world: World, wrong: Wrong) -> World:
    """A world that is wrong, too, and of which nothing can be left out."""
    while True:
        steps = list(simplifications(world))
        useful = [step for step, still in zip(steps, await _each(wrong, world, steps), strict=True) if still]
        if not useful:
            return world
        together = list(_prefixes(world, useful))
        found = await _of_batches(wrong, together)
        world = next(each for each, still in zip(reversed(together), reversed(found), strict=True) if still)


async def _each(wrong: Wrong, world: World, steps: Sequence[Simplify]) -> list[bool]:
    tried = [step(world) for step in steps]
    found = iter(await _of_batches(wrong, [each for each in tried if each is not None]))
    return [each is not None and next(found) for each in tried]


async def _of_batches(wrong: Wrong, worlds: Sequence[World]) -> list[bool]:
    return [still for at in range(0, len(worlds), BATCH) for still in await wrong(worlds[at : at + BATCH])]


def _prefixes(world: World, steps: Sequence[Simplify]) -> Iterator[World]:
    """With the first of the steps, with the first two, and so on."""
    for step in steps:
        smaller = step(world)
        if smaller is not None:
            world = smaller
            yield world


def simplifications(world: World) -> Iterator[Simplify]:
    """Everything that can be left out of a world or made simpler in it, the largest first."""
    yield lambda world: replace(world, former=None) if world.former else None
    yield lambda world: replace(world, accounts=world.accounts[:1]) if world.accounts[1:] else None
    for change in (*_smaller(world.here), *_plainer(world.here)):
        yield _of_here(change)


def _smaller(here: Account) -> Iterator[Change]:
    yield from (_without_member(member.user) for member in here.members[1:])
    yield from (_without_row(row.name) for row in here.rows)
    yield from (_without_team(team.name) for team in here.teams)
    for part in _WITHOUT:
        yield from (_without(part, each) for each in getattr(here, part))
    for name, cells in here.roles:
        yield _without_role(name)
        yield from (_without_cell(name, cell) for cell in sorted(cells))


def _plainer(here: Account) -> Iterator[Change]:
    for member in here.members[1:]:
        yield from (_simpler_member(member.user, attribute) for attribute in _PLAIN_MEMBER)
        yield from (_without_exception(member.user, exempt) for exempt in member.exceptions)
    for row in here.rows:
        yield from (_simpler_row(row.name, attribute) for attribute in _PLAIN_ROW)
    yield from (_at_the_top(team.name) for team in here.teams)


_PLAIN_MEMBER: dict[str, Callable[[Member], Member]] = {
    "exceptions": lambda member: replace(member, exceptions=()),
    "extras": lambda member: replace(member, extras=()),
    "main": lambda member: replace(member, main=None),
    "active": lambda member: replace(member, active=True),
    "super_admin": lambda member: replace(member, super_admin=False),
    "removed": lambda member: replace(member, removed=False),
    "role": lambda member: replace(member, role="Member"),
}
_PLAIN_ROW: dict[str, Callable[[Row], Row]] = {
    "owner": lambda row: replace(row, owner="root"),
    "creator": lambda row: replace(row, creator="root"),
    "teams": lambda row: replace(row, teams=()),
    "open": lambda row: replace(row, open=False),
}
_WITHOUT: dict[str, Callable[[Account, object], Account]] = {
    "team_roles": lambda account, gone: replace(account, team_roles=_but(account.team_roles, gone)),
    "shares": lambda account, gone: replace(account, shares=_but(account.shares, gone)),
    "listed": lambda account, gone: replace(account, listed=_but(account.listed, gone)),
    "plain": lambda account, gone: replace(account, plain=_but(account.plain, gone)),
    "tiers": lambda account, gone: replace(account, tiers=_but(account.tiers, gone)),
}


def _but(all_of: tuple[T, ...], gone: object) -> tuple[T, ...]:
    return tuple(each for each in all_of if each != gone)


def _of_here(change: Change) -> Simplify:
    def step(world: World) -> World | None:
        here = settled(change(world.here))
        if here == world.here:
            return None
        former = settled(change(world.former)) if world.former else None
        return replace(world, accounts=(here, *world.accounts[1:]), former=former)

    return step


def _without_member(user: str) -> Change:
    def nobodys(row: Row) -> Row:
        return replace(
            row,
            owner="root" if row.owner == user else row.owner,
            creator="root" if row.creator == user else row.creator,
        )

    return lambda account: replace(
        account,
        members=tuple(member for member in account.members if member.user != user),
        rows=tuple(nobodys(row) for row in account.rows),
        shares=tuple(share for share in account.shares if share.user != user),
    )


def _without_row(name: str) -> Change:
    return lambda account: replace(
        account,
        rows=tuple(row for row in account.rows if row.name != name),
    )


def _without_team(name: str) -> Change:
    def elsewhere(member: Member) -> Member:
        main = None if member.main == name else member.main
        return replace(member, main=main, extras=tuple(team for team in member.extras if team != name))

    def without(account: Account) -> Account:
        above = next((team.parent for team in account.teams if team.name == name), None)
        return replace(
            account,
            members=tuple(elsewhere(member) for member in account.members),
            teams=tuple(
                replace(team, parent=above if team.parent == name else team.parent)
                for team in account.teams
                if team.name != name
            ),
            team_roles=tuple(pair for pair in account.team_roles if pair[0] != name),
            rows=tuple(replace(row, teams=tuple(team for team in row.teams if team != name)) for row in account.rows),
            shares=tuple(share for share in account.shares if share.team != name),
        )

    return without


def _without_role(name: str) -> Change:
    return lambda account: replace(
        account,
        members=tuple(replace(each, role="Member") if each.role == name else each for each in account.members),
        roles=tuple(pair for pair in account.roles if pair[0] != name),
        team_roles=tuple(pair for pair in account.team_roles if pair[1] != name),
    )


def _without_cell(name: str, cell: tuple[str, str, str]) -> Change:
    return lambda account: replace(
        account, roles=tuple((role, cells - {cell} if role == name else cells) for role, cells in account.roles)
    )


def _without(part: str, gone: object) -> Change:
    return lambda account: _WITHOUT[part](account, gone)


def _without_exception(user: str, exempt: object) -> Change:
    return _members(
        user, lambda member: replace(member, exceptions=tuple(each for each in member.exceptions if each != exempt))
    )


def _simpler_member(user: str, attribute: str) -> Change:
    return _members(user, _PLAIN_MEMBER[attribute])


def _members(user: str, change: Callable[[Member], Member]) -> Change:
    return lambda account: replace(
        account, members=tuple(change(each) if each.user == user else each for each in account.members)
    )


def _simpler_row(name: str, attribute: str) -> Change:
    return lambda account: replace(
        account,
        rows=tuple(_PLAIN_ROW[attribute](row) if row.name == name else row for row in account.rows),
    )


def _at_the_top(name: str) -> Change:
    return lambda account: replace(
        account, teams=tuple(replace(team, parent=None) if team.name == name else team for team in account.teams)
    )
