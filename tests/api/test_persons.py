"""People who have signed in and are no members, through HTTP: what their tokens say, and what they are let do."""

from typing import Any
from uuid import uuid4

import httpx
import pytest

from tests.api.conftest import Member, World, bearer

pytestmark = pytest.mark.any_server

INVITE = """mutation ($email: String!, $role: ID!) {
  inviteMember(input: {email: $email, roleId: $role}) { invitation { id email status } } }"""
ACCEPT = "mutation ($token: String!) { acceptInvitation(input: {token: $token}) { account { slug } } }"
ME = "{ viewer { user { name email } account { slug } } }"
MINE = "{ myAccounts { slug } }"


async def asked(client: httpx.AsyncClient, headers: dict[str, str], query: str, **variables: Any) -> httpx.Response:
    return await client.post("/graphql", json={"query": query, "variables": variables}, headers=headers)


async def invited(client: httpx.AsyncClient, world: World, email: str) -> str:
    """The token for an address, invited by the owner of `acme`."""
    roles = (await asked(client, bearer(world.owner), "{ roles { id name } }")).json()["data"]["roles"]
    role = next(each["id"] for each in roles if each["name"] == "Agent")
    made = (await asked(client, bearer(world.owner), INVITE, email=email, role=role)).json()
    assert made["data"]["inviteMember"]["invitation"]["status"] == "OPEN", made
    admin = await world.database.connect()
    try:
        token: str = await admin.fetchval(
            "select secret from access_private.email where recipient = $1 and delivered_at is null", email
        )
    finally:
        await admin.close()
    return token


async def test_from_an_invitation_to_the_first_query(client: httpx.AsyncClient, world: World) -> None:
    """T10, end to end: before, the same token opens nothing but what is for persons."""
    email = f"{uuid4().hex}@people.example"
    newcomer = bearer(Member("", uuid4(), 0), account=None, email=email.upper(), email_verified=True)
    token = await invited(client, world, email)
    assert (await asked(client, newcomer, ME)).status_code == 401
    assert (await asked(client, newcomer, "{ __schema { queryType { name } } }")).status_code == 401
    assert (await asked(client, newcomer, MINE)).json() == {"data": {"myAccounts": []}}
    accepted = await asked(client, newcomer, ACCEPT, token=token)
    assert accepted.json() == {"data": {"acceptInvitation": {"account": {"slug": "acme"}}}}
    assert (await asked(client, newcomer, MINE)).json() == {"data": {"myAccounts": [{"slug": "acme"}]}}
    me = await asked(client, {**newcomer, "x-cloison-account": "acme"}, ME)
    user = {"name": email.partition("@")[0], "email": email}
    assert me.json() == {"data": {"viewer": {"user": user, "account": {"slug": "acme"}}}}
    assert (await asked(client, newcomer, ME)).json() == me.json(), "it is the only account"


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"email_verified": True},
        {"email": "{email}"},
        {"email": "{email}", "email_verified": False},
        {"email": "{email}", "email_verified": "true"},
        {"email": "{email}", "email_verified": 1},
        {"email": ["{email}"], "email_verified": True},
        {"email": "{email}\0", "email_verified": True},
        {"email": "x" * 400 + "{email}", "email_verified": True},
        {"email": "other@people.example", "email_verified": True},
    ],
)
async def test_an_address_counts_only_if_its_issuer_verified_it(
    client: httpx.AsyncClient, world: World, claims: dict[str, Any]
) -> None:
    email = f"{uuid4().hex}@people.example"
    token = await invited(client, world, email)
    spelled = {
        name: value.format(email=email) if isinstance(value, str) else [email] if isinstance(value, list) else value
        for name, value in claims.items()
    }
    user = uuid4()
    answer = await asked(client, bearer(Member("", user, 0), account=None, **spelled), ACCEPT, token=token)
    (error,) = answer.json()["errors"]
    assert error["extensions"] == {"code": "NOT_FOUND", "module": "invitations", "requestable": True}
    verified = bearer(Member("", user, 0), account=None, email=email, email_verified=True)
    assert "errors" not in (await asked(client, verified, ACCEPT, token=token)).json()


async def test_a_member_with_another_account_in_the_token_accepts_too(client: httpx.AsyncClient, world: World) -> None:
    """The address is that by which the user is known, and the token's account is not asked for."""
    token = await invited(client, world, "boris@bolt.example")
    stranger = bearer(world.stranger)
    assert (await asked(client, stranger, ACCEPT, token=token)).json()["data"]["acceptInvitation"]["account"]
    slugs = (await asked(client, stranger, MINE)).json()["data"]["myAccounts"]
    assert slugs == [{"slug": "acme"}, {"slug": "bolt"}]


async def test_a_bad_token_gets_nothing_for_persons(client: httpx.AsyncClient, world: World) -> None:
    forged = bearer(world.owner, key="another secret of the tests, also of thirty-two bytes")
    for headers in ({}, forged):
        for query in (MINE, ACCEPT):
            assert (await asked(client, headers, query, token="x")).status_code == 401


async def test_subscribing_is_refused_until_operators_allow_it(client: httpx.AsyncClient, world: World) -> None:
    """T8."""
    newcomer = bearer(Member("", uuid4(), 0), account=None, email=f"{uuid4().hex}@people.example", email_verified=True)
    text = """mutation ($slug: String!) {
      subscribeAccount(input: {slug: $slug, name: "Tiny"}) { account { slug kind } } }"""
    refused = (await asked(client, newcomer, text, slug="tiny")).json()
    assert refused["errors"][0]["extensions"] == {"code": "FORBIDDEN", "requestable": False}
    admin = await world.database.connect()
    await admin.execute("select access.allow_subscribing(true)")
    await admin.close()
    made = (await asked(client, newcomer, text, slug="tiny")).json()
    assert made == {"data": {"subscribeAccount": {"account": {"slug": "tiny", "kind": "CUSTOMER"}}}}
    assert (await asked(client, newcomer, ME)).json()["data"]["viewer"]["account"] == {"slug": "tiny"}
