"""Erasure: of a person nothing is left in any column of any table; the history says that it was done, and by whom.

What others wrote with the name and without the address stays: tests/attacks/test_erasing.py.
"""

import json

import asyncpg
import pytest

from schema.modules import REGISTRY
from tests.database.live import rewrite
from tests.database.world import World, add_member, entered, refused, rolled_back

pytestmark = pytest.mark.any_server

ROOT = "reset role; set local session authorization default"
COMMITTED = "set constraints all immediate; set constraints all deferred"
NAME, EMAIL = "Zorblax Quimby", "zorblax.quimby@nowhere.example"
SOUGHT = "quimby"
PEOPLE = [module for module in REGISTRY.modules if module.known_as]


async def found(trial: "asyncpg.Connection[asyncpg.Record]", sought: str) -> set[str]:
    """Tables of the whole database in which any column of any row holds a text, in whatever case, type or encoding."""
    tables = await trial.fetch("""
        select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
         where c.relkind in ('r', 'p', 'm') and n.nspname not in ('pg_catalog', 'information_schema')
           and n.nspname not like 'pg\\_toast%' and n.nspname not like 'pg\\_temp%'
        """)
    assert len(tables) > 60
    encoded = sought.encode().hex()
    return {
        table["name"]
        for table in tables
        if await trial.fetchval(
            f"select exists (select from {table['name']} t where t::text ilike $1 or t::text like $2)",
            f"%{sought}%",
            f"%{encoded}%",
        )
    }


async def as_it_is(trial: "asyncpg.Connection[asyncpg.Record]", *statements: str) -> None:
    """Past all triggers."""
    await trial.execute("set local session_replication_role = replica")
    for statement in statements:
        await trial.execute(statement)
    await trial.execute("set local session_replication_role = origin")


async def known_everywhere(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    """The contact of rolf's is somebody of whom much is known: in rows, reasons, keys, and in the trash."""
    contact, other = world.row("contacts", "rolf"), world.row("contacts", "ella")
    conversation, elsewhere = world.row("conversations", "rolf"), world.row("conversations", "ella")
    await as_it_is(
        trial,
        f"update crm.contacts set first_name = 'Zorblax', last_name = 'Quimby', email = '{EMAIL}'"
        f" where id = '{contact}'",
        f"update crm.contacts_sensitive set home_address = 'Quimby Hall' where id = '{contact}'",
        f"update crm.leads set name = '{NAME}' where contact_id = '{contact}'",
        f"update crm.leads_sensitive set qualification_note = 'Quimby is rich'"
        f" where id in (select id from crm.leads where contact_id = '{contact}')",
        f"update crm.interactions set subject = 'Call with Quimby', body = '{EMAIL}' where contact_id = '{contact}'",
        f"update crm.conversations set subject = 'Quimby asks' where id = '{conversation}'",
        f"update crm.messages set body = 'Yours, Quimby', sender = '{EMAIL}' where conversation_id = '{conversation}'",
        f"update crm.messages set sender = 'Z. <{EMAIL.upper()}>' where conversation_id = '{elsewhere}'",
        f"insert into access.import_key (account_id, source, module, key, row_id, imported_by)"
        f" values ('{world.north}', 'file', 'contacts', '{EMAIL}', '{contact}', '{world.users['olga']}')",
        f"insert into access.share (account_id, module, row_id, user_id, actions, reason, given_by) values"
        f" ('{world.north}', 'contacts', '{contact}', '{world.users['vera']}', '{{view}}', 'knows Quimby',"
        f" '{world.users['olga']}')",
        f"insert into access.share (account_id, module, row_id, user_id, actions, reason, given_by) values"
        f" ('{world.north}', 'contacts', '{other}', '{world.users['vera']}', '{{view}}', 'related to {EMAIL}',"
        f" '{world.users['olga']}')",
        f"insert into access.job (account_id, user_id, kind, module, change, reason, total)"
        f" values ('{world.north}', '{world.users['olga']}', 'assign', 'deals', '{{}}', 'for <{EMAIL}>', 0)",
        invitation(world, "ivo@north.example", "Ivo", f"a friend of {EMAIL.title()}."),
    )
    assert await trial.fetchval(
        "select conversation.contact_id = $1 from crm.conversations conversation where id = $2", contact, conversation
    )
    await trial.execute("select access.because($1)", f"{EMAIL} wants ella")
    await trial.execute("set local role cloison_engine")
    for module in ("contacts", "deals"):
        await trial.execute(
            f"update crm.{module} set owner_id = $1 where id = $2", world.users["ella"], world.row(module, "rolf")
        )
    await trial.execute(f"reset role; {COMMITTED}; select access.because(null)")
    # In the trash: an interaction of his, a conversation with him, and what another wrote who had his address.
    await trial.execute("set local role cloison_engine")
    await trial.execute(
        "insert into crm.interactions (account_id, id, created_by, subject, contact_id)"
        " values ($1, gen_random_uuid(), $2, 'Met Quimby', $3)",
        world.north,
        world.users["olga"],
        contact,
    )
    await trial.execute("delete from crm.interactions where subject = 'Met Quimby'")
    await trial.execute(
        "insert into crm.conversations (account_id, id, created_by, subject, contact_id)"
        " values ($1, gen_random_uuid(), $2, 'Quimby before', $3)",
        world.north,
        world.users["olga"],
        contact,
    )
    await trial.execute("delete from crm.conversations where subject = 'Quimby before'")
    await trial.execute(f"reset role; {COMMITTED}")


def invitation(world: World, email: str, name: str, reason: str) -> str:
    """Somebody is invited to north."""
    return (
        "insert into access.invitation (account_id, email, name, role_id, token_hash, invited_by, expires_at, reason)"
        f" values ('{world.north}', '{email}', '{name}', '{world.roles['viewer']}', sha256('{email}'),"
        f" '{world.users['olga']}', now() + interval '1 day', '{reason}')"
    )


EVERYWHERE = {
    *("access.job", "access.invitation"),
    *("crm.contacts", "crm.contacts_sensitive", "crm.leads", "crm.leads_sensitive", "crm.interactions"),
    *("crm.conversations", "crm.messages", "access.share", "access.access_log", "access.import_key", "access.trash"),
}


@pytest.mark.parametrize("in_trash", [False, True], ids=["there", "in the trash"])
async def test_of_a_contact_nothing_is_left_in_any_column(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, in_trash: bool
) -> None:
    await known_everywhere(trial, world)
    assert await found(trial, SOUGHT) == EVERYWHERE, "it is there, and the search finds it"
    contact, reasons = world.row("contacts", "rolf"), "select reason from access.access_log where reason is not null"
    async with entered(trial, world, "olga"):
        if in_trash:
            await trial.execute("delete from crm.contacts where id = $1", contact)
            assert await trial.fetchval("select count(*) from access.trash where row_id = $1", contact) == 1
        await trial.execute("select access.because('request 4711')")
        erased = await trial.fetchval("select access.erase_contacts($1, $2)", world.north, contact)
        assert erased >= 6
        await trial.execute(COMMITTED)
        await refused(trial, "U0404", "select access.restore_contacts($1)", contact)
        said = await trial.fetchrow(
            "select actor, module, row_id, after, reason from access.access_log where kind = 'erasure'"
        )
        await trial.execute(ROOT)
        assert await found(trial, SOUGHT) == set()
        # Deals stay, and nothing refers to who is gone.
        assert await trial.fetchval("select count(*) from crm.deals where id = $1", world.row("deals", "rolf")) == 1
        assert await trial.fetchval("select count(*) from crm.tickets where contact_id = $1", contact) == 0
        assert {row[0] for row in await trial.fetch(reasons)} == {"request 4711", "[erased] wants ella"}
        assert await trial.fetchval("select reason from access.job") == "for <[erased]>"
        assert await trial.fetchval("select reason from access.invitation") == "a friend of [erased]."
        assert (
            await trial.fetchval("select count(*) from crm.contacts where id = $1", world.row("contacts", "ella")) == 1
        )
    assert said is not None
    assert tuple(said) == (world.users["olga"], "contacts", contact, f'{{"rows": {erased}}}', "request 4711")


MENTIONS = "erase_mentions(uuid,text[],boolean)"
IN_REASON = "set reason = access_private.without_address(t.reason, address)"
# What of an erasure is left out, and where the name is found then.
FORGOTTEN = (
    ("erase_rows_contacts(uuid,uuid[])", "delete from access.import_key k where", "false", "access.import_key"),
    ("erase_rows_contacts(uuid,uuid[])", "update access.share s set reason = null\n   where", "false", "access.share"),
    ("erase_rows_contacts(uuid,uuid[])", "if about <> '{}' then", "if false then", "crm.conversations"),
    ("erase_rows_contacts(uuid,uuid[])", "and e.module = 'interactions' and", "and false and", "access.trash"),
    (MENTIONS, "set sender = access_private.without_address(t.sender, address)\n       where", "false", "crm.messages"),
    *(
        (MENTIONS, f"update access.{table} t {IN_REASON}\n       where", "false", f"access.{table}")
        for table in ("access_log", "share", "job", "invitation")
    ),
)


@pytest.mark.parametrize("forgotten", FORGOTTEN, ids=[f"{each[0]}-{each[3]}" for each in FORGOTTEN])
async def test_the_search_finds_what_an_erasure_forgets(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, forgotten: tuple[str, str, str, str]
) -> None:
    function, old, new, where = forgotten
    await known_everywhere(trial, world)
    await rewrite(trial, f"access_private.{function}", old, f"{old} false and" if new == "false" else new)
    async with entered(trial, world, "olga"):
        await trial.execute("select access.erase_contacts($1, $2)", world.north, world.row("contacts", "rolf"))
        await trial.execute(f"{COMMITTED};{ROOT}")
        assert where in await found(trial, SOUGHT)


async def test_of_a_lead_nothing_is_left(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    lead = world.row("leads", "rolf")
    await as_it_is(
        trial,
        f"update crm.leads set name = '{NAME}' where id = '{lead}'",
        f"update crm.interactions set lead_id = '{lead}', contact_id = null, subject = 'Quimby called'"
        f" where id = '{world.row('interactions', 'rolf')}'",
    )
    assert await found(trial, SOUGHT) == {"crm.leads", "crm.interactions"}
    async with entered(trial, world, "olga"):
        assert await trial.fetchval("select access.erase_leads($1, $2)", world.north, lead) == 2
        await trial.execute(f"{COMMITTED};{ROOT}")
        assert await found(trial, SOUGHT) == set()


async def test_the_reason_of_an_erasure_does_not_name_who_is_erased(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await known_everywhere(trial, world)
    async with entered(trial, world, "olga"):
        await trial.execute("select access.because($1)", f"as {NAME} asked")
        error = await refused(
            trial, "U0400", "select access.erase_contacts($1, $2)", world.north, world.row("contacts", "rolf")
        )
        assert "reason" in (error.detail or "")


async def test_whoever_erases_may_delete_all_that_goes_and_see_what_is_sensitive(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """At the row `delete` and `view_sensitive`; of what is about the person, `delete` of all rows: nothing is told."""
    contact = world.row("contacts", "rolf")
    erase = "select access.erase_contacts($1, $2)"
    for name, held, sqlstate in (
        ("nosy", {("contacts", "delete", "all")}, "U0403"),
        ("blind", {("contacts", "view_sensitive", "all"), ("leads", "delete", "all")}, "U0403"),
        ("partly", {("contacts", "delete", "all"), ("contacts", "view_sensitive", "all")}, "U0403"),
        (
            "teamster",
            {
                ("contacts", "delete", "all"),
                ("contacts", "view_sensitive", "all"),
                ("leads", "delete", "all"),
                ("conversations", "delete", "team"),
            },
            "U0403",
        ),
        (
            "owner",
            {
                ("contacts", "delete", "owned"),
                ("contacts", "view_sensitive", "owned"),
                ("leads", "delete", "all"),
                ("conversations", "delete", "all"),
            },
            "U0404",
        ),
    ):
        await new_member(trial, world, name, held)
        async with entered(trial, world, name):
            await refused(trial, sqlstate, erase, world.north, contact)
    enough = {("contacts", "delete", "all"), ("contacts", "view_sensitive", "all"), ("leads", "delete", "all"),
              ("conversations", "delete", "all")}  # fmt: skip
    await new_member(trial, world, "able", enough)
    async with entered(trial, world, "able"):
        await refused(trial, "U0404", erase, world.south, world.row("contacts", "sven", "south"))
        await refused(trial, "U0404", erase, world.north, world.row("contacts", "sven", "south"))
        assert await trial.fetchval(erase, world.north, contact) > 0


async def new_member(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World, name: str, held: set[tuple[str, str, str]]
) -> None:
    """A member of north with a role of these cells."""
    cells = [
        {"module": module, "action": action, "scopes": [scope]}
        if module != "users"
        else {"module": module, "action": action}
        for module, action, scope in sorted(held)
    ]
    world.roles[name] = await trial.fetchval(
        "select access.create_role($1, $2, $3::jsonb)", world.north, name, json.dumps(cells)
    )
    world.users[name] = await add_member(trial, world, name, name)


async def test_no_function_of_an_erasure_is_anybodys(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    async with entered(trial, world, "olga"):
        for call in (
            "access_private.erase_rows_contacts(null, '{}')",
            "access_private.erase_mentions(null, '{}', true)",
            "access.mentions(null, 'a')",
            "access.erase_person_everywhere('bo@north.example')",
        ):
            await refused(trial, "42501", f"select {call}")


# Members


async def member_known_everywhere(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> str:
    """bo, who is in both accounts, has a name that is easily found."""
    bo = world.users["bo"]
    await as_it_is(
        trial,
        f"update access.app_user set email = '{EMAIL}' where id = '{bo}'",
        f"update access.member set name = '{NAME}' where user_id = '{bo}'",
        f"update crm.messages set sender = '{EMAIL}' where conversation_id = '{world.row('conversations', 'ella')}'",
        invitation(world, EMAIL, NAME, "a good seller"),
        "insert into access_private.email (account_id, kind, about, recipient, details)"
        f" select account_id, 'invitation', id, email, jsonb_build_object('name', name) from access.invitation"
        f" where email = '{EMAIL}'",
    )
    await trial.execute("select access.because($1)", f"{NAME} is new")
    await trial.execute("select access.change_role($1, $2, $3)", world.north, bo, world.roles["viewer"])
    await trial.execute("select access.change_role($1, $2, access.role_id($1, 'Administrator'))", world.south, bo)
    await trial.execute(f"{COMMITTED}; select access.because(null)")
    await trial.execute("select access.create_analyst($1, $2)", world.north, bo)
    return str(bo)


async def test_of_a_user_nothing_is_left_anywhere(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    bo = await member_known_everywhere(trial, world)
    await as_it_is(trial, f"update crm.deals set owner_id = '{bo}' where id = '{world.row('deals', 'rolf')}'")
    invited = {"access.invitation", "access_private.email"}
    known = {"access.app_user", "access.member", "access.access_log", "crm.messages", *invited}
    assert await found(trial, SOUGHT) == known
    async with rolled_back(trial):
        assert await trial.fetchval("select access.erase_person_everywhere($1)", EMAIL.upper()) == 2
        await trial.execute(COMMITTED)
        assert await found(trial, SOUGHT) == set()
        said = await trial.fetch("select account_id, user_id from access.access_log where kind = 'erasure'")
        assert {tuple(row) for row in said} == {(world.north, world.users["bo"]), (world.south, world.users["bo"])}
        logins = "select count(*) from access.analyst_login where user_id = $1 and upper_inf(valid)"
        assert await trial.fetchval(logins, world.users["bo"]) == 0
        assert await trial.fetchval("select count(*) from crm.deals where id = $1", world.row("deals", "rolf")) == 1
        await refused(trial, "28000", "select access.enter('north', $1)", world.users["bo"])
        await refused(trial, "U0404", "select access.erase_person_everywhere($1)", EMAIL)


async def test_of_whom_was_invited_and_never_came_nothing_is_left(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    await as_it_is(trial, invitation(world, EMAIL, NAME, "a good seller"))
    assert await found(trial, SOUGHT) == {"access.invitation"}
    assert await trial.fetchval("select access.erase_person_everywhere($1)", EMAIL) == 0
    assert await found(trial, SOUGHT) == set()


async def test_one_account_does_not_learn_that_another_still_knows_the_person(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """T1: erased from north, he is in south as before; in north he looks like who is erased everywhere."""
    await member_known_everywhere(trial, world)
    bo, shown = world.users["bo"], "select name, email from crm.people where id = $1"
    erase = "select access.erase_member($1, $2)"
    nobody = (f"Erased person {str(bo)[:4]}", f"erased-{bo}@erased.invalid")
    async with entered(trial, world, "olga"):
        assert tuple(await trial.fetchrow(shown, bo) or ()) == (NAME, EMAIL)
        await trial.execute(erase, world.north, bo)
        await trial.execute(COMMITTED)
        assert tuple(await trial.fetchrow(shown, bo) or ()) == nobody
    async with rolled_back(trial):
        await trial.execute(erase, world.north, bo)
        await trial.execute(COMMITTED)
        assert await found(trial, SOUGHT) == {"access.app_user", "access.member", "access.access_log"}
        async with entered(trial, world, "olga"):
            assert tuple(await trial.fetchrow(shown, bo) or ()) == nobody
            assert await trial.fetchval("select count(*) from access.app_user where email = $1", EMAIL) == 0
        async with entered(trial, world, "sven", "south"):
            assert tuple(await trial.fetchrow(shown, bo) or ()) == (NAME, EMAIL), "there he is as before"
        await trial.execute(erase, world.south, bo)
        await trial.execute(COMMITTED)
        assert await found(trial, SOUGHT) == set(), "the last who knew the address erased it"
        async with entered(trial, world, "olga"):
            assert tuple(await trial.fetchrow(shown, bo) or ()) == nobody, "and nobody sees a difference"


async def test_who_comes_back_is_known_again(trial: "asyncpg.Connection[asyncpg.Record]", world: World) -> None:
    await member_known_everywhere(trial, world)
    async with rolled_back(trial):
        await trial.execute("select access.erase_member($1, $2)", world.north, world.users["bo"])
        again = await trial.fetchval(
            "select access.add_member($1, $2, 'Bo', access.role_id($1, 'Member'))", world.north, EMAIL
        )
        await trial.execute(COMMITTED)
        assert again == world.users["bo"]
        async with entered(trial, world, "olga"):
            found_again = await trial.fetchrow("select name, email from crm.people where id = $1", again)
            assert tuple(found_again or ()) == ("Bo", EMAIL)


async def test_erasing_a_member_is_bound_as_removing_one_is(
    trial: "asyncpg.Connection[asyncpg.Record]", world: World
) -> None:
    """T9 and G1: `configure` on users, nobody who holds more, and not the last super admin; also for operators."""
    erase = "select access.erase_member($1, $2)"
    async with entered(trial, world, "lena"):
        await refused(trial, "U0403", erase, world.north, world.users["vera"])
    async with entered(trial, world, "olga"):
        await refused(trial, "U0409", erase, world.north, world.users["olga"])
        await refused(trial, "U0404", erase, world.south, world.users["sven"])
        await refused(trial, "U0404", erase, world.north, world.users["sven"])
    await refused(trial, "U0409", erase, world.north, world.users["olga"])
    error = await refused(trial, "U0409", "select access.erase_person_everywhere('olga@north.example')")
    assert "north" in str(error)
    await new_member(trial, world, "desk", {("users", "configure", "all")})
    async with entered(trial, world, "desk"):
        await refused(trial, "U0403", erase, world.north, world.users["olga"])
    # Somebody who has left holds nothing any more.
    await trial.execute("select access.remove_member($1, $2)", world.north, world.users["vera"])
    await trial.execute(COMMITTED)
    async with entered(trial, world, "desk"):
        assert await trial.fetchval(erase, world.north, world.users["vera"]) == 0
        await refused(trial, "U0404", erase, world.north, world.users["vera"])


def test_every_module_of_people_says_how_they_are_known() -> None:
    assert [module.name for module in PEOPLE] == ["contacts", "leads"]
    for module in PEOPLE:
        for columns in module.known_as:
            assert all(module.column(name).type == "text" for name in columns)
