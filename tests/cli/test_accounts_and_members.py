import json

import asyncpg
import jwt

from tests.cli.conftest import Cloison, address


def test_an_account_is_made_with_its_owner(migrated: Cloison) -> None:
    made = json.loads(
        migrated.succeed("account", "create", "--slug=tiny", "--name=Tiny", "--owner-email=Bo@Tiny.example", "--json")
    )
    assert made["slug"] == "tiny"
    assert made["owner"] == "bo@tiny.example"
    assert migrated.succeed("token", "--email", "bo@tiny.example")


def test_a_second_account_of_a_name_is_refused(company: Cloison) -> None:
    said = company.refuse("account", "create", "--slug=acme", "--name=Other", "--owner-email=eve@acme.example")
    assert "slug" in said
    assert "not a member" in company.refuse("token", "--email", "eve@acme.example"), "nothing was made"


def test_a_slug_that_cannot_be_one_is_refused(migrated: Cloison) -> None:
    assert "slug" in migrated.refuse("account", "create", "--slug=A b", "--name=A", "--owner-email=a@b.example")


def test_a_member_is_added_by_the_name_of_a_role(company: Cloison) -> None:
    member = json.loads(
        company.succeed("member", "add", "--account=acme", "--email=grace@acme.example", "--role=Member", "--json")
    )
    assert member["role"] == "Member"
    assert company.succeed("token", "--email=grace@acme.example")


async def test_a_member_is_added_to_a_team(company: Cloison) -> None:
    found = address(company)
    assert found is not None
    connection = await asyncpg.connect(found.superuser_url())
    team = await connection.fetchval(
        "select access.create_team((select id from access.account where slug = 'acme'), 'Sales')"
    )
    company.succeed("member", "add", "--account=acme", "--email=sam@acme.example", "--role=Member", "--team=Sales")
    teams = await connection.fetch(
        "select t.team_id, t.is_main from access.team_member t join access.app_user u on u.id = t.user_id"
        " where u.email = 'sam@acme.example'"
    )
    await connection.close()
    assert [tuple(row.values()) for row in teams] == [(team, True)]


def test_an_unknown_role_is_refused_with_those_there_are(company: Cloison) -> None:
    said = company.refuse("member", "add", "--account=acme", "--email=x@acme.example", "--role=Boss")
    assert "Administrator, Marketing manager, Marketing team, Member, Owner, Partner admin" in said


def test_an_unknown_team_is_refused(company: Cloison) -> None:
    said = company.refuse("member", "add", "--account=acme", "--email=x@acme.example", "--role=Member", "--team=Moon")
    assert "no team Moon" in said


def test_an_unknown_account_is_refused_with_those_there_are(company: Cloison) -> None:
    said = company.refuse("member", "add", "--account=acne", "--email=x@acme.example", "--role=Member")
    assert "no account acne" in said
    assert "acme" in said


def test_a_second_membership_is_refused(company: Cloison) -> None:
    assert "already" in company.refuse("member", "add", "--account=acme", "--email=ada@acme.example", "--role=Member")


async def test_somebody_deactivated_gets_no_login(company: Cloison) -> None:
    found = address(company)
    assert found is not None
    company.succeed("member", "add", "--account=acme", "--email=gone@acme.example", "--role=Member")
    connection = await asyncpg.connect(found.superuser_url())
    await connection.execute(
        "select access.set_status(m.account_id, m.user_id, 'deactivated')"
        " from access.member m join access.app_user u on u.id = m.user_id where u.email = 'gone@acme.example'"
    )
    await connection.close()
    said = company.refuse("analyst", "create", "--account=acme", "--email=gone@acme.example")
    assert "deactivated" in said


def test_kind_and_tiers_are_set_and_shown(company: Cloison) -> None:
    """T8: what is left out stays."""
    given = ("--kind=provider", "--tier=marketing=professional", "--tier=cms=enterprise", "--json")
    made = json.loads(company.succeed("account", "set", "--account=acme", *given))
    tiers = {"marketing": "professional", "sales": "free", "service": "free", "cms": "enterprise", "operations": "free"}
    assert (made["kind"], made["tiers"]) == ("provider", tiers)
    company.succeed("account", "set", "--account=acme", "--tier=cms=free", "--reason=They moved their site")
    shown = json.loads(company.succeed("account", "show", "--account=acme", "--json"))
    del made["notes"]
    assert shown == {**made, "tiers": {**tiers, "cms": "free"}}
    assert "provider; marketing professional" in company.succeed("account", "show", "--account=acme")
    assert shown in json.loads(company.succeed("account", "list", "--json"))


async def test_a_lower_tier_is_tried_and_says_what_it_means(company: Cloison) -> None:
    """X2, section 4: nothing is changed; what is said is what is said of the change itself."""
    found = address(company)
    assert found is not None
    connection = await asyncpg.connect(found.superuser_url())
    await connection.execute(
        "insert into access.account_setting (account_id, name)"
        " select id, 'restrict_new_content' from access.account where slug = 'acme' on conflict do nothing"
    )
    await connection.close()
    company.succeed("account", "set", "--account=acme", "--tier=marketing=professional")
    before = json.loads(company.succeed("account", "show", "--account=acme", "--json"))
    lower = ("account", "set", "--account=acme", "--tier=marketing=free", "--tier=cms=free")
    said = company.succeed(*lower, "--dry-run")
    assert "Nothing was changed. It would be: acme" in said
    assert "- New forms start open and are not restricted any more" in said
    assert "- New forms cannot be restricted, given to teams or shared with teams." in said
    tried = json.loads(company.succeed(*lower, "--dry-run", "--json"))
    assert json.loads(company.succeed("account", "show", "--account=acme", "--json")) == before
    done = json.loads(company.succeed(*lower, "--json"))
    assert done == tried
    assert ("STARTS_OPEN", "forms") in {(note["code"], note["module"]) for note in tried["notes"]}
    assert json.loads(company.succeed("account", "show", "--account=acme", "--json"))["tiers"]["marketing"] == "free"
    assert json.loads(company.succeed(*lower, "--json"))["notes"] == []


def test_what_is_no_tier_is_refused_with_those_there_are(company: Cloison) -> None:
    for given in ("--tier=moon=free", "--tier=cms=golden", "--tier=cms"):
        said = company.refuse("account", "set", "--account=acme", given)
        assert "marketing" in said
        assert "enterprise" in said
    assert "name a kind, tiers, or both" in company.refuse("account", "set", "--account=acme")
    assert "no account acne" in company.refuse("account", "set", "--account=acne", "--kind=provider")


def test_operators_are_named_and_named_no_more(company: Cloison) -> None:
    """T8."""
    assert "no user" in company.refuse("operator", "add", "nobody@acme.example")
    company.succeed("operator", "add", "Ada@acme.example", "--reason=on call")
    assert json.loads(company.succeed("operator", "list", "--json")) == ["ada@acme.example"]
    company.succeed("operator", "remove", "ada@acme.example")
    assert company.succeed("operator", "list") == ""
    assert "not an operator" in company.refuse("operator", "remove", "ada@acme.example")
    removed, added = json.loads(company.succeed("operator", "log", "--last=2", "--json"))
    assert (added["kind"], added["email"], added["after"], added["reason"]) == (
        "operator",
        "ada@acme.example",
        {"operator": True},
        "on call",
    )
    assert (removed["before"], removed["after"], removed["reason"]) == ({"operator": True}, None, None)
    assert added["by"] == removed["by"] != ""
    assert "ada@acme.example is an operator: on call" in company.succeed("operator", "log")


def test_somebody_is_invited_and_the_email_waits(company: Cloison) -> None:
    invite = (
        "member",
        "invite",
        "--account=acme",
        "--email=Linus@Acme.example",
        "--role=Member",
        "--by=ada@acme.example",
    )
    made = json.loads(company.succeed(*invite, "--json"))
    assert made["email"] == "linus@acme.example"
    assert "invited already" in company.refuse(*invite)
    (email,) = map(json.loads, company.succeed("email", "next").splitlines())
    assert email["recipient"] == "linus@acme.example"
    assert email["details"]["account"] == "Acme"
    assert len(email["secret"]) == 64
    assert company.succeed("email", "next") == "", "somebody has it"
    company.succeed("email", "done", email["id"])
    assert "waits under" in company.refuse("email", "done", email["id"])


def test_a_newcomer_gets_a_token_with_an_address(company: Cloison) -> None:
    printed = company.succeed("token", "--newcomer", "--email=new@people.example")
    claims = jwt.decode(printed, options={"verify_signature": False})
    assert (claims["email"], claims["email_verified"]) == ("new@people.example", True)
    assert "account" not in claims
    known = jwt.decode(company.succeed("token", "--email=ada@acme.example"), options={"verify_signature": False})
    printed = company.succeed("token", "--newcomer", "--email=ada@acme.example")
    assert jwt.decode(printed, options={"verify_signature": False})["sub"] == known["sub"]


def test_subscribing_is_allowed_and_refused(company: Cloison) -> None:
    assert "may make" in company("account", "subscribing", "--allow", "--reason=we are open").said
    (change,) = json.loads(company.succeed("operator", "log", "--last=1", "--json"))
    assert (change["kind"], change["after"], change["reason"]) == (
        "subscribing",
        {"subscribing": True},
        "we are open",
    )
    assert "by operators" in company("account", "subscribing", "--refuse").said
