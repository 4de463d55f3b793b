"""Where pages and posts are published: who may do it anywhere, and who for colleagues alone (C3)."""

import json
from dataclasses import replace
from uuid import UUID

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.names import singular_field
from schema.registry import Module
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Exempt, Member, Row

pytestmark = pytest.mark.any_server

PAGES = [module for module in REGISTRY.modules if module.narrower]
modules = pytest.mark.parametrize("module", PAGES, ids=lambda module: module.name)
STATES = ("draft", "internal", "public")

OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("anywhere", "anywhere"),
        Member("inside", "inside"),
        Member("editor", "editor"),
        Member(
            "limited",
            "anywhere",
            exceptions=tuple(Exempt("deny", (each.name, "publish_internal", "all")) for each in PAGES),
        ),
        Member("owner", "Owner"),
    ),
    roles=(
        ("anywhere", every("publish", "all")),
        ("inside", every("publish_internal", "all")),
        ("editor", every("update", "all")),
    ),
    rows=tuple(
        Row(f"{module.name} {state}", module.name, "root", "root", open=True) for module in PAGES for state in STATES
    ),
)

# From where to where, and what is missing to whom.
MOVES = """
          draft internal public
draft     -     -        P
internal  -     -        P
public    P     P        -
"""


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    async with play.admin.transaction():
        await play.admin.execute("set local session_replication_role = replica")
        for module in PAGES:
            for state in STATES[1:]:
                await play.admin.execute(
                    f"update {module.table} set status = 'published', destination = $1 where id = $2",
                    state,
                    play.row(f"{module.name} {state}"),
                )
    return play


def moves() -> list[tuple[str, str, bool]]:
    """From, to, and whether that needs to publish anywhere."""
    head, *lines = MOVES.strip().splitlines()
    return [
        (line.split()[0], to, cell == "P")
        for line in lines
        for to, cell in zip(head.split(), line.split()[1:], strict=True)
        if to != line.split()[0]
    ]


async def moved(play: Play, who: str, module: Module, row: UUID, to: str) -> str | None:
    """The action that is missing where a page is put somewhere, in SQL; None where nothing is."""
    text = f"update {module.table} set status = $2, destination = $3 where id = $1"
    given = ("draft", None) if to == "draft" else ("published", to)
    try:
        async with play.acting(who) as connection:
            assert await connection.execute(text, row, *given) == "UPDATE 1"
            found = await connection.fetchrow(f"select status, destination from {module.table} where id = $1", row)
    except asyncpg.PostgresError as error:
        return str(json.loads(str(error.as_dict().get("detail") or "{}")).get("action", error))
    assert found is not None
    assert tuple(found) == given
    return None


@pytest.mark.parametrize(("here", "there", "wide"), moves())
@modules
async def test_what_is_and_was_inside_needs_no_more(
    office: Play, module: Module, here: str, there: str, wide: bool
) -> None:
    row = office.row(f"{module.name} {here}")
    assert await moved(office, "anywhere", module, row, there) is None
    assert await moved(office, "owner", module, row, there) is None
    assert await moved(office, "inside", module, row, there) == ("publish" if wide else None)
    assert await moved(office, "editor", module, row, there) == ("publish" if wide else "publish_internal")


@modules
async def test_as_mutations(office: Play, module: Module) -> None:
    name, field = module.type_name, singular_field(module)
    ids = {state: f"{name}:{office.row(f'{module.name} {state}')}" for state in STATES}
    put = (
        f"mutation ($id: ID!, $to: {name}Destination!) {{ done: publish{name}(input: {{id: $id, destination: $to}})"
        f" {{ {field} {{ status destination access {{ canPublish canPublishInternal }} }} }} }}"
    )
    take = f"mutation ($id: ID!) {{ done: unpublish{name}(input: {{id: $id}}) {{ {field} {{ status destination }} }} }}"

    data, refused = await office.answers("inside", put, {"id": ids["draft"], "to": "INTERNAL"})
    assert refused == {}
    buttons = {"canPublish": False, "canPublishInternal": True}
    assert data["done"][field] == {"status": "PUBLISHED", "destination": "INTERNAL", "access": buttons}
    for page in ids.values():
        if page != ids["public"]:
            _, refused = await office.answers("inside", put, {"id": page, "to": "PUBLIC"})
            assert (refused["done"]["code"], refused["done"]["action"]) == ("FORBIDDEN", "publish")
    _, refused = await office.answers("inside", take, {"id": ids["public"]})
    assert (refused["done"]["code"], refused["done"]["action"]) == ("FORBIDDEN", "publish")
    _, refused = await office.answers("editor", put, {"id": ids["draft"], "to": "INTERNAL"})
    assert (refused["done"]["code"], refused["done"]["action"]) == ("FORBIDDEN", "publish_internal")

    data, refused = await office.answers("anywhere", put, {"id": ids["draft"], "to": "PUBLIC"})
    assert refused == {}
    buttons = {"canPublish": True, "canPublishInternal": True}
    assert data["done"][field] == {"status": "PUBLISHED", "destination": "PUBLIC", "access": buttons}
    data, refused = await office.answers("inside", take, {"id": ids["internal"]})
    assert refused == {}
    assert data["done"][field] == {"status": "DRAFT", "destination": None}


@modules
async def test_nothing_is_published_to_somewhere_unsaid(office: Play, module: Module) -> None:
    """Nor where it once was: what is taken back has no destination."""
    draft, public = (office.row(f"{module.name} {state}") for state in ("draft", "public"))
    publish = f"update {module.table} set status = 'published' where id = $1"
    assert await office.done("owner", publish, draft) == "U0400"
    assert await office.done("editor", publish, draft) == "U0403"
    async with office.acting("owner") as connection:
        await connection.execute(f"update {module.table} set status = 'draft' where id = $1", public)
        with pytest.raises(asyncpg.PostgresError) as refused:
            await connection.execute(publish, public)
    assert refused.value.sqlstate == "U0400"
    new = f"insert into {module.table} ({module.label}, status, destination) values ('x', 'published', $1)"
    assert await office.done("owner", new, None) == "U0400"
    assert await office.done("owner", new, "public") == "done"


@modules
async def test_whom_a_part_is_taken_from_has_not_the_whole(office: Play, module: Module) -> None:
    """As `view` is to every action: who may not publish inside may not publish."""
    held = "select action from crm.capabilities where module = $1 and action like 'publish%'"
    found = {}
    for who in ("anywhere", "inside", "limited"):
        async with office.acting(who) as connection:
            found[who] = {row["action"] for row in await connection.fetch(held, module.name)}
    assert found == {"anywhere": {"publish", "publish_internal"}, "inside": {"publish_internal"}, "limited": set()}
