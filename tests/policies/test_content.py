"""What is published or sent is not everybody's to change who may update (C3)."""

import json
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from schema.modules import REGISTRY
from schema.names import camel, singular_field
from schema.registry import Module
from tests.policies.company import every
from tests.policies.conftest import Play
from tests.support.model import Account, Member, Row, Share

pytestmark = pytest.mark.any_server

SHOWN = [module for module in REGISTRY.modules if module.shown]
SENT = [module for module in REGISTRY.modules if module.done]
shown = pytest.mark.parametrize("module", SHOWN, ids=lambda module: module.name)
sent = pytest.mark.parametrize("module", SENT, ids=lambda module: module.name)

EDITS, SENDS = every("update", "all"), every("send", "all")
OFFICE = Account(
    "office",
    (
        Member("root", "Owner", super_admin=True),
        Member("editor", "editor"),
        Member("inside", "inside"),
        Member("publisher", "publisher"),
        Member("presser", "presser"),
        Member("sender", "sender"),
        Member("given", "mine"),
        Member("half given", "mine"),
    ),
    roles=(
        ("editor", EDITS | every("delete create clone assign", "all")),
        ("inside", EDITS | every("publish_internal", "all")),
        ("publisher", EDITS | every("publish", "all")),
        ("presser", every("publish send", "all")),
        ("sender", EDITS | SENDS),
        ("mine", every("update publish", "owned")),
    ),
    rows=tuple(
        Row(f"{module.name} {state}", module.name, "root", "root", open=True)
        for module in REGISTRY.modules
        if module in SHOWN or module in SENT
        for state in ("draft", "internal", "public", "scheduled", "sent")
    ),
    shares=tuple(
        Share(f"{module.name} public", actions, user)
        for module in SHOWN
        for user, actions in (("given", ("update", "publish")), ("half given", ("update",)))
    ),
)


@pytest.fixture(scope="module")
async def office(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(OFFICE)
    async with play.admin.transaction():
        await play.admin.execute("set local session_replication_role = replica")
        for module in SHOWN:
            for state in ("internal", "public"):
                where = f", destination = '{state}'" if module.narrower else ""
                await play.admin.execute(
                    f"update {module.table} set status = 'published'{where} where id = $1",
                    play.row(f"{module.name} {state}"),
                )
        for module in SENT:
            for column, _ in module.done:
                for state in column.choices[1:]:
                    await play.admin.execute(
                        f"update {module.table} set {column.name} = $2 where id = $1",
                        play.row(f"{module.name} {state}"),
                        state,
                    )
    return play


async def lacks(play: Play, who: str, text: str, *values: object) -> str | None:
    """The action that a statement is refused for, or the SQLSTATE; None where it changes its one row."""
    try:
        async with play.acting(who) as connection:
            assert await connection.execute(text, *values) == "UPDATE 1"
    except asyncpg.PostgresError as error:
        detail = json.loads(str(error.as_dict().get("detail") or "{}"))
        return str(detail.get("action", error.sqlstate))
    return None


def content(module: Module) -> str:
    """A change of what a row says that asks nothing of its own."""
    return f"update {module.table} set {module.label} = 'changed' where id = $1"


async def button(play: Play, who: str, module: Module, row: UUID) -> bool:
    """What `access` says, which has to agree with what the mutation does."""
    name, field = module.type_name, singular_field(module)
    given: dict[str, Any] = {"id": f"{name}:{row}"}
    data, refused = await play.answers(
        who, f"query ($id: ID!) {{ row: {field}(id: $id) {{ access {{ canUpdate }} }} }}", given
    )
    assert refused == {}
    change = f'mutation ($id: ID!) {{ done: update{name}(input: {{id: $id, {camel(module.label)}: "new"}}) {{ id }} }}'
    _, refused = await play.answers(who, change, given)
    can: bool = data["row"]["access"]["canUpdate"]
    assert can is not bool(refused), (who, module.name, refused)
    return can


@shown
async def test_a_change_of_what_is_published_publishes(office: Play, module: Module) -> None:
    """Where it is: within the company, what is limited to that is enough."""
    draft, internal, public = (office.row(f"{module.name} {state}") for state in ("draft", "internal", "public"))
    narrow = "publish_internal" if module.narrower else "publish"
    for who, here, inside, outside in (
        ("root", None, None, None),
        ("publisher", None, None, None),
        ("inside", None, None if module.narrower else "publish", "publish"),
        ("editor", None, narrow, "publish"),
        ("presser", "update", "update", "update"),
    ):
        found = [await lacks(office, who, content(module), row) for row in (draft, internal, public)]
        assert found == [here, inside, outside], who
        for row, expected in zip((draft, internal, public), found, strict=True):
            assert await button(office, who, module, row) is (expected is None)


@shown
async def test_a_share_for_changes_is_not_one_for_publishing(office: Play, module: Module) -> None:
    """O8."""
    public = office.row(f"{module.name} public")
    assert await lacks(office, "given", content(module), public) is None
    assert await button(office, "given", module, public)
    assert await lacks(office, "half given", content(module), public) == "publish"
    assert not await button(office, "half given", module, public)


@shown
async def test_all_that_is_no_change_of_content_stays_as_it_was(office: Play, module: Module) -> None:
    """To copy, assign, delete and restore are capabilities of their own; what comes back is a draft."""
    public = office.row(f"{module.name} public")
    assert await office.done("editor", f"select access.assign_{module.name}($1, null)", public) == "done"
    assert await office.done("editor", f"select access.clone_{module.name}($1)", public) == "done"
    async with office.acting("editor") as connection:
        assert await connection.execute(f"delete from {module.table} where id = $1", public) == "DELETE 1"
        assert await connection.fetchval(f"select access.restore_{module.name}($1)", public) is not None
        assert await connection.execute(content(module), public) == "UPDATE 1"


@pytest.mark.parametrize(
    ("module", "old", "new", "row"),
    [
        ("landing_pages", "if old.status = 'published'", "if false", "public"),
        ("forms", "if old.status = 'published'", "if false", "public"),
        ("marketing_emails", "if old.delivery = 'sent'", "if false", "sent"),
        (
            "marketing_emails",
            "if old.delivery not in",
            "if old.delivery = any (array[]::text[]) and old.delivery not in",
            "scheduled",
        ),
        ("invoices", "if old.delivery = 'sent'", "if false", "sent"),
    ],
)
async def test_without_the_rule_whoever_edits_does(office: Play, module: str, old: str, new: str, row: str) -> None:
    """Sabotage of each part of the wall."""
    wall = f"access_private.wall_{module}()"
    source = await office.admin.fetchval("select pg_get_functiondef($1::text::regprocedure)", wall)
    assert old in source
    text, key = content(REGISTRY.by_name[module]), office.row(f"{module} {row}")
    assert await lacks(office, "editor", text, key) is not None
    await office.admin.execute(source.replace(old, new))
    try:
        assert await lacks(office, "editor", text, key) is None
    finally:
        await office.admin.execute(source)


@sent
async def test_what_was_sent_is_not_changed_by_anybody(office: Play, module: Module) -> None:
    """Nor is it unsent; what became of it since is said of it."""
    row, draft = office.row(f"{module.name} sent"), office.row(f"{module.name} draft")
    ((state, _),) = module.done
    for who in ("root", "editor", "sender"):
        for column in module.content:
            value = (
                f"'{column.choices[1]}'"
                if column.choices
                else {"bigint": "7", "date": "'2026-01-01'"}.get(
                    column.type, "null" if column.type == "uuid" else "'x@y.example'"
                )
            )
            text = f"update {module.table} set {column.name} = {value} where id = $1"
            unchanged = column.type == "uuid"
            expected = None if column.afterwards or unchanged else "U0409"
            assert await lacks(office, who, text, row) == expected, column.name
            assert await lacks(office, who, text, draft) is None
        assert await button_of_sent(office, who, module, row) is not module.rests_when_sent
    back = f"update {module.table} set {state.name} = $2 where id = $1"
    assert await lacks(office, "sender", back, row, state.choices[0]) == "U0409"
    assert await lacks(office, "editor", back, row, state.choices[0]) == "send"
    assert await office.done("editor", f"select access.assign_{module.name}($1, null)", row) == "done"
    assert await lacks(office, "root", content(module), row) == "U0409"
    data, refused = await office.answers(
        "root",
        f'mutation ($id: ID!) {{ update{module.type_name}(input: {{id: $id, {camel(module.label)}: "x"}}) {{ id }} }}',
        {"id": f"{module.type_name}:{row}"},
    )
    assert [each["code"] for each in refused.values()] == ["CONFLICT"]
    if "clone" in module.action_names:
        assert await office.done("editor", f"select access.clone_{module.name}($1)", row) == "done"
    assert await lacks(office, "presser", content(module), row) == "update"
    assert data is not None


async def button_of_sent(play: Play, who: str, module: Module, row: UUID) -> bool:
    """What `access` says of what was sent."""
    field = singular_field(module)
    data, _ = await play.answers(
        who,
        f"query ($id: ID!) {{ row: {field}(id: $id) {{ access {{ canUpdate }} }} }}",
        {"id": f"{module.type_name}:{row}"},
    )
    can: bool = data["row"]["access"]["canUpdate"]
    return can


async def test_what_is_about_to_go_out_is_changed_by_who_may_send(office: Play) -> None:
    mails = REGISTRY.by_name["marketing_emails"]
    row = office.row("marketing_emails scheduled")
    assert await lacks(office, "editor", content(mails), row) == "send"
    assert not await button(office, "editor", mails, row)
    for who in ("sender", "root"):
        assert await lacks(office, who, content(mails), row) is None
        assert await button(office, who, mails, row)


def test_there_is_what_is_shown_and_what_is_sent() -> None:
    assert {module.name for module in SHOWN} == {
        *("landing_pages", "web_pages", "blog_posts", "forms", "ctas", "documents", "social_posts"),
        "marketing_emails",
    }
    assert {module.name for module in SENT} == {"marketing_emails", "invoices"}
    # The walls look at no sensitive column: those of what is shown or sent have to be such as change afterwards.
    assert all(column.afterwards for module in (*SHOWN, *SENT) for column in module.sensitive)
