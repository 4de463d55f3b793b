"""`cloison erase`: what an operator does when somebody asks to be erased."""

from uuid import uuid4

import asyncpg

from tests.cli.conftest import Cloison, address


async def test_a_contact_is_erased_by_its_id(company: Cloison) -> None:
    found = address(company)
    assert found is not None
    connection = await asyncpg.connect(found.superuser_url())
    contact = uuid4()
    account, owner = await connection.fetchrow(
        "select a.id, m.user_id from access.account a join access.member m on m.account_id = a.id where a.slug = 'acme'"
    ) or (None, None)
    async with connection.transaction():
        await connection.execute("set local role cloison_engine")
        await connection.execute(
            "insert into crm.contacts (account_id, id, created_by, last_name) values ($1, $2, $3, 'Quimby')",
            account,
            contact,
            owner,
        )
    erase = ("erase", "row", "--account=acme", "--module=contacts", f"--id={contact}")
    assert "do not name" in company.refuse(*erase, "--reason=Quimby asked")
    company.succeed(*erase, "--reason=request 4711")
    assert "There is no row" in company.refuse(*erase)
    said = await connection.fetchrow(
        "select module, row_id, reason, operator from access.access_log where kind = 'erasure' and row_id = $1", contact
    )
    left = await connection.fetchval("select count(*) from crm.contacts where id = $1", contact)
    trash = await connection.fetchval("select count(*) from access.trash where row_id = $1", contact)
    await connection.close()
    assert said is not None
    assert tuple(said)[:3] == ("contacts", contact, "request 4711")
    assert said["operator"] is not None
    assert (left, trash) == (0, 0)


def test_only_rows_that_are_people_are_erased(company: Cloison) -> None:
    outcome = company("erase", "row", "--account=acme", "--module=deals", f"--id={uuid4()}")
    assert outcome.code == 2
    assert "contacts, leads" in outcome.said


def test_a_person_is_erased_from_every_account(company: Cloison) -> None:
    company.succeed("member", "add", "--account=acme", "--email=quimby@acme.example", "--role=Member")
    assert company.succeed("token", "--email=quimby@acme.example")
    assert "nobody's e-mail in acme" in company.refuse("erase", "person", "--account=acme", "--email=x@acme.example")
    company.succeed("erase", "person", "--email=Quimby@acme.example", "--reason=request 4712")
    assert "not a member" in company.refuse("token", "--email=quimby@acme.example")
    assert "nobody's e-mail" in company.refuse("erase", "person", "--email=quimby@acme.example")


def test_the_last_super_admin_is_not_erased(company: Cloison) -> None:
    said = company.refuse("erase", "person", "--email=ada@acme.example")
    assert "super admin" in said
