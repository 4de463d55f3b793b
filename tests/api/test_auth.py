"""Who is let in, and that everybody else hears the same."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import AsyncIterator, Callable
from typing import Any
from unittest.mock import patch
from uuid import uuid4

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, RSAAlgorithm
from starlette.datastructures import Headers

from gateway.auth import Authenticator
from gateway.keys import KeySet
from resolvers.errors import Unauthenticated
from tests.api.conftest import SECRET, Member, World, bearer, settings_for, talking, token

VIEWER = {"query": "{ viewer { user { name } account { slug } } }"}


def unsigned(member: Member) -> str:
    parts = ({"alg": "none", "typ": "JWT"}, {"sub": str(member.user), "exp": int(time.time()) + 600})
    return ".".join(base64.urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + "."


def nested(_: Member) -> str:
    header = base64.urlsafe_b64encode(b'{"alg":' + b"[" * 3000).decode().rstrip("=")
    return f"{header}.e30.e30"


def tampered(member: Member) -> str:
    head, body, signature = token(member).split(".")
    claims = json.loads(base64.urlsafe_b64decode(body + "=="))
    forged = base64.urlsafe_b64encode(json.dumps(claims | {"account": "bolt"}).encode()).decode().rstrip("=")
    return f"{head}.{forged}.{signature}"


BAD_TOKENS: dict[str, Callable[[Member], str]] = {
    "expired": lambda m: token(m, exp=int(time.time()) - 60),
    "without expiry": lambda m: token(m, exp=None),
    "not yet valid": lambda m: token(m, nbf=int(time.time()) + 600),
    "issued in the future": lambda m: token(m, iat=int(time.time()) + 600),
    "of another issuer": lambda m: token(m, iss="somebody"),
    "without issuer": lambda m: token(m, iss=None),
    "for another audience": lambda m: token(m, aud="others"),
    "without audience": lambda m: token(m, aud=None),
    "signed with another secret": lambda m: token(m, key=SECRET[::-1]),
    "signed with another algorithm": lambda m: token(m, key=SECRET + SECRET, algorithm="HS512"),
    "unsigned": unsigned,
    "tampered with": tampered,
    "nested beyond measure": nested,
    "without subject": lambda m: token(m, sub=None),
    "of a subject that is no id": lambda m: token(m, sub="olive@acme.example"),
    "of an id in another spelling": lambda m: token(m, sub=str(m.user).upper()),
    "of an account that is no text": lambda m: token(m, account=7),
    "of an account with a quote in it": lambda m: token(m, account="acme' or ''='"),
    "of an account that does not exist": lambda m: token(m, account="nowhere"),
    "of an account that is not the member's": lambda m: token(m, account="bolt"),
    "of an unknown user": lambda m: token(m, sub=str(uuid4())),
    "no token at all": lambda _: "",
    "not a token": lambda _: "abc",
    "too long": lambda m: token(m, padding="x" * 10_000),
}


async def refused(client: httpx.AsyncClient, headers: Any, body: dict[str, Any] = VIEWER) -> httpx.Response:
    fixed = {"x-request-id": "same"}
    if isinstance(headers, list):
        return await client.post("/graphql", json=body, headers=[*headers, *fixed.items()])
    return await client.post("/graphql", json=body, headers=headers | fixed)


async def test_a_member_is_let_in(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.post("/graphql", json=VIEWER, headers=bearer(world.owner))

    assert answer.status_code == 200
    assert answer.json() == {"data": {"viewer": {"user": {"name": "Olive"}, "account": {"slug": "acme"}}}}


@pytest.mark.parametrize("kind", BAD_TOKENS)
async def test_every_bad_token_has_the_same_answer(client: httpx.AsyncClient, world: World, kind: str) -> None:
    good = await refused(client, bearer(world.owner))
    assert good.status_code == 200, "with the right token, the request is a good one"
    expected = await refused(client, {})

    answer = await refused(client, {"authorization": f"Bearer {BAD_TOKENS[kind](world.owner)}"})

    assert answer.status_code == 401
    assert answer.content == expected.content
    assert answer.headers == expected.headers
    assert answer.headers["www-authenticate"] == 'Bearer realm="cloison"'
    assert answer.json()["errors"][0]["extensions"] == {"code": "UNAUTHENTICATED"}


async def test_a_deactivated_member_has_the_same_answer(client: httpx.AsyncClient, world: World) -> None:
    expected = await refused(client, {})

    answer = await refused(client, bearer(world.former))

    assert (answer.status_code, answer.content, answer.headers) == (401, expected.content, expected.headers)


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{ __schema { queryType { name } } }"},
        {"query": "{ __typename }"},
        {"query": "{ nothing }"},
        {"query": "{ syntax"},
        {"query": "{ " + "a: deals { totalCount } " * 21 + "}"},
        {"query": "query($id: ID!) { deal(id: $id) { id } }", "variables": {"id": None}},
    ],
    ids=["introspection", "typename", "invalid", "syntax", "limit", "variables"],
)
async def test_a_deactivated_member_learns_nothing_else_first(
    client: httpx.AsyncClient, world: World, body: dict[str, Any]
) -> None:
    member = await refused(client, bearer(world.owner), body)
    assert member.status_code == 200, "a member has an answer about the request"

    answer = await refused(client, bearer(world.former), body)

    assert answer.status_code == 401
    assert answer.content == (await refused(client, {})).content


@pytest.mark.parametrize(
    "headers",
    [
        [("authorization", "Basic b2xpdmU6c2VjcmV0")],
        [("authorization", "Bearer")],
        [("authorization", "Bearer a"), ("authorization", "Bearer b")],
    ],
    ids=["another scheme", "empty", "two of them"],
)
async def test_a_header_that_is_no_bearer_token_has_the_same_answer(
    client: httpx.AsyncClient, headers: list[tuple[str, str]]
) -> None:
    answer = await refused(client, headers)

    assert answer.status_code == 401
    assert answer.content == (await refused(client, {})).content


async def test_the_scheme_is_known_in_any_case(client: httpx.AsyncClient, world: World) -> None:
    answer = await client.post("/graphql", json=VIEWER, headers={"authorization": f"bEARER {token(world.owner)}"})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    ("claim", "header", "status"),
    [
        ("acme", None, 200),
        (None, "acme", 200),
        (None, None, 200),
        ("acme", "acme", 200),
        ("acme", "bolt", 401),
        ("bolt", "acme", 401),
        (None, "bolt", 401),
        (None, "no such account", 401),
    ],
)
async def test_the_account_comes_from_the_token_or_from_the_header(
    client: httpx.AsyncClient, world: World, claim: str | None, header: str | None, status: int
) -> None:
    headers = bearer(world.owner, account=claim) | ({"x-cloison-account": header} if header else {})

    answer = await client.post("/graphql", json=VIEWER, headers=headers)

    assert answer.status_code == status
    if status == 200:
        assert answer.json()["data"]["viewer"]["account"] == {"slug": "acme"}


async def test_the_reason_is_in_the_log_and_the_token_is_not(world: World, capsys: pytest.CaptureFixture[str]) -> None:
    given = token(world.owner, exp=int(time.time()) - 60)
    async with talking(settings_for(world.database)) as client:
        await client.post("/graphql", json=VIEWER, headers={"authorization": f"Bearer {given}"})

    logged = capsys.readouterr().err
    assert '"refused":"ExpiredSignatureError"' in logged
    assert given.split(".")[1] not in logged


async def test_a_token_is_verified_once_and_again_when_it_has_expired(world: World) -> None:
    now = [time.time()]
    authenticator = Authenticator(settings_for(world.database, jwt_leeway=0), None, clock=lambda: now[0])
    given = token(world.owner, exp=int(now[0]) + 600)

    with patch.object(jwt, "decode", wraps=jwt.decode) as verify:
        assert await identify(authenticator, given) == world.owner.identity
        assert await identify(authenticator, given) == world.owner.identity
        assert verify.call_count == 1

        now[0] += 700
        await identify(authenticator, given)  # good by the time of day, which is what the library asks
        assert verify.call_count == 2


async def test_a_token_that_is_written_in_another_way_takes_no_room(world: World) -> None:
    authenticator = Authenticator(settings_for(world.database), None)
    given = token(world.owner)
    with patch.object(jwt, "decode", wraps=jwt.decode) as verify:
        for header in [f"Bearer {given}", f"bEaReR {given}", *(f"Bearer{' ' * n}{given}" for n in range(2, 9))]:
            assert await authenticator.identify(Headers({"authorization": header})) == world.owner.identity
        assert verify.call_count == 9
        await identify(authenticator, given)
        assert verify.call_count == 9

    assert len(authenticator._verified) == 1


# Tokens of production: keys of an identity provider.

RSA_KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
EC_KEY = ec.generate_private_key(ec.SECP256R1())


def public(key: Any, algorithm: str, kid: str) -> dict[str, Any]:
    kind = RSAAlgorithm if algorithm.startswith("RS") else ECAlgorithm
    return {**kind.to_jwk(key.public_key(), as_dict=True), "kid": kid, "alg": algorithm, "use": "sig"}


def jwks(_: httpx.Request) -> httpx.Response:
    secret = base64.urlsafe_b64encode(SECRET.encode()).decode().rstrip("=")
    keys = [
        public(RSA_KEY, "RS256", "rsa"),
        public(EC_KEY, "ES256", "ec"),
        {"kty": "oct", "k": secret, "kid": "published secret", "alg": "HS256"},
    ]
    return httpx.Response(200, json={"keys": keys})


@pytest.fixture
async def production(world: World) -> AsyncIterator[Authenticator]:
    url = "https://id.example/keys"
    settings = settings_for(world.database, jwt_secret=None, jwt_jwks_url=url)
    keys = KeySet(url, frozenset(settings.algorithms), transport=httpx.MockTransport(jwks))
    authenticator = Authenticator(settings, keys)
    yield authenticator
    await authenticator.close()


async def identify(authenticator: Authenticator, given: str) -> Any:
    return await authenticator.identify(Headers({"authorization": f"Bearer {given}"}))


@pytest.mark.parametrize(("key", "algorithm", "kid"), [(RSA_KEY, "RS256", "rsa"), (EC_KEY, "ES256", "ec")])
async def test_a_token_of_the_provider_is_good(
    production: Authenticator, world: World, key: Any, algorithm: str, kid: str
) -> None:
    given = token(world.owner, key=key, algorithm=algorithm, kid=kid)

    assert await identify(production, given) == world.owner.identity


def confused(member: Member) -> str:
    """The public key as the secret of HS256: the oldest trick."""
    text = RSA_KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head = base64.urlsafe_b64encode(b'{"alg":"HS256","typ":"JWT","kid":"rsa"}').decode().rstrip("=")
    body = token(member).split(".")[1]
    mac = hmac.new(text, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


FORGED: dict[str, Callable[[Member], str]] = {
    "HS256 by the public key": confused,
    "HS256 by a published secret": lambda m: token(m, kid="published secret"),
    "HS256 without a key id": token,
    "another key of the same kind": lambda m: token(
        m, key=ec.generate_private_key(ec.SECP256R1()), algorithm="ES256", kid="ec"
    ),
    "an algorithm that is not that of the key": lambda m: token(m, key=RSA_KEY, algorithm="PS256", kid="rsa"),
    "the key of another id": lambda m: token(m, key=EC_KEY, algorithm="ES256", kid="rsa"),
    "an unknown key id": lambda m: token(m, key=EC_KEY, algorithm="ES256", kid="other"),
    "no key id": lambda m: token(m, key=EC_KEY, algorithm="ES256"),
    "no signature": unsigned,
}


@pytest.mark.parametrize("kind", FORGED)
async def test_a_forged_token_is_refused(production: Authenticator, world: World, kind: str) -> None:
    with pytest.raises(Unauthenticated):
        await identify(production, FORGED[kind](world.owner))


async def test_a_secret_and_a_key_set_do_not_go_together(world: World) -> None:
    keys = KeySet("https://id.example/keys", frozenset({"RS256"}))
    with pytest.raises(ValueError, match="secret or with a key set"):
        Authenticator(settings_for(world.database), keys)
    await keys.close()
