import json

import jwt

from tests.cli.conftest import Cloison

SECRET = "as many bytes as the longest digest has, which are sixty-four of them"


def secret(cloison: Cloison) -> str:
    found: str = json.loads((cloison.directory / "secrets.json").read_text())["jwt_secret"]
    return found


def test_a_token_and_nothing_else_is_printed(company: Cloison) -> None:
    outcome = company("token", "--email=ada@acme.example")
    assert (outcome.code, outcome.said) == (0, "")
    claims = jwt.decode(
        outcome.answer.strip(), secret(company), algorithms=["HS256"], audience="cloison", issuer="cloison"
    )
    assert claims["account"] == "acme"
    assert claims["exp"] - claims["iat"] == 12 * 3600
    assert outcome.answer.count("\n") == 1


def test_a_token_follows_the_settings(company: Cloison) -> None:
    printed = company.succeed(
        "token",
        "--email=ada@acme.example",
        JWT_SECRET=SECRET,
        JWT_ISSUER="us",
        JWT_AUDIENCE="them",
        JWT_LIFETIME="60",
        JWT_ALGORITHMS="HS512",
    )
    claims = jwt.decode(printed, SECRET, algorithms=["HS512"], audience="them", issuer="us")
    assert claims["exp"] - claims["iat"] == 60


def test_somebody_in_two_accounts_says_which(company: Cloison) -> None:
    for slug in ("beta", "gamma"):
        company.succeed("account", "create", f"--slug={slug}", "--name=Both", "--owner-email=eve@both.example")
    assert "beta, gamma" in company.refuse("token", "--email=eve@both.example")
    for slug in ("beta", "gamma"):
        printed = company.succeed("token", "--email=eve@both.example", "--account", slug)
        assert jwt.decode(printed, options={"verify_signature": False})["account"] == slug


def test_a_stranger_gets_none(company: Cloison) -> None:
    assert "not a member of any account" in company.refuse("token", "--email=nobody@acme.example")


def test_tokens_of_an_identity_provider_are_not_made_here(company: Cloison) -> None:
    said = company.refuse("token", "--email=ada@acme.example", "--account=acme", JWT_JWKS_URL="https://id.example/keys")
    assert "identity provider" in said
