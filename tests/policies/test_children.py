"""Rows that belong to another: interactions and messages have the owner and the team of their parent, always."""

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.names import GlobalId
from schema.registry import Kind, Module, ToOne
from tests.database.live import eventually
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Cell, Member, Row, Team

pytestmark = pytest.mark.any_server

BELONGING = [(module, link) for module in REGISTRY.modules if module.kind is Kind.CHILD for link in module.parents]
EACH = pytest.mark.parametrize(
    ("module", "link"), BELONGING, ids=[f"{module.name}-{link.column}" for module, link in BELONGING]
)
PARENTS = tuple(dict.fromkeys(link.target for _, link in BELONGING))


def on(modules: tuple[str, ...], actions: str, scope: str) -> frozenset[Cell]:
    """Cells of these actions in these modules."""
    return frozenset(cell for cell in every(actions, scope) if cell[0] in modules)


ROLES: dict[str, frozenset[Cell]] = {
    "team": every("view update delete assign create send", "team"),
    "owned": every("view update delete assign create send", "owned"),
    "created": every("view update delete create send", "created"),
    # Of interactions nothing; messages are part of their conversation.
    "assigns": on(PARENTS, "assign", "all"),
    "viewer": every("view", "all"),
}
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("near", "team", "north"),
        Member("far", "team", "south"),
        Member("owner", "owned", "north"),
        Member("creator", "created", "north"),
        Member("assigns", "assigns", "south"),
        Member("viewer", "viewer", "south"),
    ),
    (Team("north"), Team("south")),
    tuple(ROLES.items()),
    rows=tuple(
        Row(f"{name} {whose}", name, creator, owner, teams, open=is_open)
        for name in PARENTS
        for whose, creator, owner, teams, is_open in (
            ("north", "root", "near", ("north",), False),
            ("south", "root", "far", ("south",), False),
            ("nobody", "root", None, (), False),
            ("open", "root", "far", ("south",), True),
            ("owned", "root", "owner", ("south",), False),
            ("made", "creator", "far", ("south",), False),
        )
    ),
)
OWN = "owner_id, team_id, open_to_all"


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    return play


def insert(module: Module, *links: ToOne) -> str:
    columns = [module.label, *(link.column for link in links)]
    places = ", ".join(["'new'", *(f"${number}" for number in range(1, len(links) + 1))])
    return f"insert into {module.table} ({', '.join(columns)}) values ({places})"


async def committed(office: Play, who: str, module: Module, link: ToOne, parent: UUID) -> UUID:
    """A row that somebody has added, to stay."""
    before = {row["id"] for row in await office.admin.fetch(f"select id from {module.table}")}
    assert await office.commits(who, insert(module, link), parent) == "done"
    made: set[UUID] = {row["id"] for row in await office.admin.fetch(f"select id from {module.table}")} - before
    return made.pop()


async def added(connection: Any, module: Module, link: ToOne, parent: UUID) -> UUID:
    found: UUID = await connection.fetchval(f"{insert(module, link)} returning id", parent)
    return found


@EACH
@pytest.mark.parametrize("whose", ["north", "south", "nobody", "open"])
async def test_a_new_row_has_the_owner_and_the_team_of_its_parent(
    office: Play, module: Module, link: ToOne, whose: str
) -> None:
    parent = office.row(f"{link.target} {whose}")
    async with office.acting("root") as connection:
        row = await added(connection, module, link, parent)
        found = await connection.fetchrow(f"select {OWN} from {module.table} where id = $1", row)
        expected = await connection.fetchrow(f"select {OWN} from crm.{link.target} where id = $1", parent)
        creator = await connection.fetchval(f"select created_by from {module.table} where id = $1", row)
    assert found == expected
    assert creator == office.built.user("root"), "its creator is whoever wrote it"


@EACH
async def test_it_is_handed_over_with_its_parent_by_who_need_not_know_of_it(
    office: Play, module: Module, link: ToOne
) -> None:
    """O5: who has the parent no more has nothing of it."""
    parent, far = office.row(f"{link.target} north"), office.built.user("far")
    row = await committed(office, "near", module, link, parent)
    assert row in await office.sees("near", module.name)
    assert row not in await office.sees("far", module.name)
    assert (row in await office.sees("assigns", module.name)) is (module.part_of is not None)

    assign = f"select access.assign_{link.target}($1, $2)"
    assert await office.commits("assigns", assign, parent, far) == "done"

    assert row not in await office.sees("near", module.name)
    assert row in await office.sees("far", module.name)
    past = await office.admin.fetch(
        "select owner_id from access_private.past_assignment where row_id = $1 and module = $2", row, module.name
    )
    assert [each["owner_id"] for each in past] == [office.built.user("near")]
    assert await office.commits("root", assign, parent, office.built.user("near")) == "done"


@EACH
async def test_it_goes_with_its_parent(office: Play, module: Module, link: ToOne) -> None:
    parent = office.row(f"{link.target} north")
    async with office.acting("root") as connection:
        row = await added(connection, module, link, parent)
        await connection.execute(f"delete from crm.{link.target} where id = $1", parent)
        assert not await connection.fetch(f"select from {module.table} where id = $1", row)
        await connection.execute("set constraints all immediate")


@EACH
async def test_a_hidden_parent_is_none(office: Play, module: Module, link: ToOne) -> None:
    hidden = office.row(f"{link.target} south")
    assert hidden in await office.sees("viewer", link.target)
    text = insert(module, link)
    assert await office.done("near", text, hidden) == "U0404"
    assert await office.done("near", text, uuid4()) == "U0404"
    assert await office.done("near", text, office.row(f"{link.target} north")) == "done"


@EACH
async def test_it_stays_with_its_parent(office: Play, module: Module, link: ToOne) -> None:
    async with office.acting("root") as connection:
        row = await added(connection, module, link, office.row(f"{link.target} north"))
        for column in (link.column, "owner_id", "team_id", "open_to_all"):
            with pytest.raises(asyncpg.InsufficientPrivilegeError):
                async with connection.transaction():
                    await connection.execute(f"update {module.table} set {column} = {column} where id = $1", row)


async def test_an_interaction_has_exactly_one_parent(office: Play) -> None:
    interactions = REGISTRY.by_name["interactions"]
    parents = {link.target: link for link in interactions.parents}
    two = insert(interactions, parents["contacts"], parents["deals"])
    assert await office.done("root", insert(interactions)) == "U0400"
    assert await office.done("root", two, office.row("contacts north"), office.row("deals north")) == "U0400"


@pytest.mark.parametrize(
    ("who", "whose", "end"),
    [
        ("near", "north", "done"),
        ("near", "south", "U0404"),
        ("owner", "owned", "done"),
        ("owner", "north", "U0404"),
        ("creator", "made", "done"),
        ("creator", "north", "U0404"),
        ("viewer", "north", "42501"),
        ("root", "nobody", "done"),
    ],
)
async def test_who_may_send_in_a_conversation_answers_in_it(office: Play, who: str, whose: str, end: str) -> None:
    """C2, C7: a message is written by who may `send`, where that reaches the conversation."""
    text = "insert into crm.messages (body, conversation_id) values ('new', $1)"
    parent = office.row(f"conversations {whose}")
    assert await office.done("root", text, parent) == "done"
    assert await office.done(who, text, parent) == end


async def test_messages_are_seen_by_whom_the_conversation_is(office: Play) -> None:
    """Scope `created` means the conversation: the messages of others in it too, and none of one's own elsewhere."""
    messages = REGISTRY.by_name["messages"]
    (link,) = messages.parents
    made, elsewhere = office.row("conversations made"), office.row("conversations north")
    theirs = await committed(office, "root", messages, link, made)
    own = await committed(office, "root", messages, link, elsewhere)
    await office.admin.execute(
        "begin; set local session_replication_role = replica;"
        f" update crm.messages set created_by = '{office.built.user('creator')}' where id = '{own}'; commit"
    )
    assert await office.sees("creator", "messages") == {theirs}
    assert {theirs, own} <= await office.sees("viewer", "messages")


async def test_in_graphql_a_refused_answer_names_what_is_missing(office: Play) -> None:
    """A2."""
    parent = GlobalId("Conversation", office.row("conversations south"))
    text = """mutation ($id: ID!) {
      made: createMessage(input: {conversationId: $id, body: "new"}) { visible message { owner { id } team { name } } }
    }"""
    data, codes = await office.asks("root", text, {"id": str(parent)})
    assert not codes
    assert data["made"] == {
        "visible": True,
        "message": {"owner": {"id": f"Person:{office.built.user('far')}"}, "team": {"name": "south"}},
    }
    data, codes = await office.asks("viewer", text, {"id": str(parent)})
    assert (data, codes) == ({"made": None}, {"made": "FORBIDDEN"})
    data, codes = await office.asks("near", text, {"id": str(parent)})
    assert (data, codes) == ({"made": None}, {"made": "NOT_FOUND"})


@pytest.mark.parametrize("first", ["writes", "hands over"])
async def test_a_row_written_while_its_parent_is_handed_over_is_handed_over_too(office: Play, first: str) -> None:
    """Whoever comes second waits, and then sees what the first did."""
    parent, far = office.row("contacts nobody"), office.built.user("far")
    interactions = REGISTRY.by_name["interactions"]
    write, assign = insert(interactions, interactions.parents[0]), "select access.assign_contacts($1, $2)"
    calls = [(write, (parent,)), (assign, (parent, far))]
    if first == "hands over":
        calls.reverse()
    one, other = [await asyncpg.connect(office.database.gateway_dsn) for _ in range(2)]
    try:
        begun = one.transaction()
        await begun.start()
        await one.execute("select access.enter($1, $2)", office.built.slug("office"), office.built.user("root"))
        await one.execute(calls[0][0], *calls[0][1])

        async def second() -> None:
            async with other.transaction():
                await other.execute(
                    "select access.enter($1, $2)", office.built.slug("office"), office.built.user("root")
                )
                await other.execute(calls[1][0], *calls[1][1])

        waiting = asyncio.create_task(second())
        await eventually(
            office.admin,
            "select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()",
        )
        await begun.commit()
        await waiting
        found = await office.admin.fetch("select owner_id from crm.interactions where contact_id = $1", parent)
        assert {row["owner_id"] for row in found} == {far}
    finally:
        await one.close()
        await other.close()
        await office.commits("root", assign, parent, None)
