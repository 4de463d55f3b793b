import re

import asyncpg
import pytest
from asyncpg.serverversion import split_server_version_string

from cli.administrator import TOO_OLD, connected
from gateway.embedded import Address
from gateway.problems import Problem
from tests.cli.conftest import Cloison


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("mysql://a@b/c", "must look like postgresql://"),
        ("postgresql://a:b@127.0.0.1", "must look like postgresql://"),
        ("postgresql://a:b@127.0.0.1:1/c", "cannot be reached"),
        ("postgresql://a:b@no-such-host.invalid/c", "cannot be reached"),
        ("postgresql://a:b@127.0.0.1:port/c", "must look like postgresql://"),
        ("postgresql:///c?host=/nowhere", "No such file"),
    ],
)
@pytest.mark.parametrize("verb", [("migrate",), ("token", "--email=a@a.example"), ("serve", "--port=18998")])
def test_a_wrong_url_is_one_sentence(cloison: Cloison, verb: tuple[str, ...], url: str, said: str) -> None:
    sentence = cloison.refuse(*verb, DATABASE_URL=url)
    assert said in sentence
    assert "CLOISON_DATABASE_URL" in sentence
    assert "a:b" not in sentence, "no password is repeated"


def test_a_wrong_login_is_one_sentence(cloison: Cloison, server: Address) -> None:
    said = cloison.refuse("migrate", DATABASE_URL=server.login_url("nobody", "guess"))
    assert "refuses the login" in said


def test_a_database_that_is_not_there_is_one_sentence(cloison: Cloison, server: Address) -> None:
    said = cloison.refuse("migrate", DATABASE_URL=server.superuser_url("elsewhere"))
    assert "no such database" in said


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"PORT": "many"}, "CLOISON_PORT should be a valid integer"),
        ({"JWT_SECRET": "short"}, "CLOISON_JWT_SECRET must have at least 32 bytes"),
        ({"POOL_MIN": "20", "POOL_MAX": "10"}, "CLOISON_POOL_MIN is greater"),
        ({"JWT_ALGORITHMS": "none"}, "CLOISON_JWT_ALGORITHMS does not know none"),
        ({"JWT_ALGORITHMS": "RS256"}, "does not go with a secret"),
        ({"DATA_DIR": "/proc/nowhere"}, "CLOISON_DATA_DIR"),
    ],
)
def test_a_wrong_setting_is_one_sentence(cloison: Cloison, settings: dict[str, str], said: str) -> None:
    sentence = cloison.refuse("token", "--email=a@a.example", **settings)
    assert said in sentence
    assert "short" not in sentence


@pytest.mark.parametrize(
    ("version", "accepted"),
    [
        ("15.9", False),
        ("15.10", True),
        ("16.5", False),
        ("16.6", True),
        ("17.1", False),
        ("17.2", True),
        ("18.0", True),
    ],
)
async def test_a_server_too_old_is_refused(
    server: Address, monkeypatch: pytest.MonkeyPatch, version: str, *, accepted: bool
) -> None:
    monkeypatch.setattr(asyncpg.Connection, "get_server_version", lambda _: split_server_version_string(version))
    if accepted:
        async with connected(server.superuser_url()):
            pass
    else:
        with pytest.raises(Problem, match=re.escape(f"PostgreSQL {version}: use 15.10, 16.6, 17.2 or later")):
            async with connected(server.superuser_url()):
                pass


def test_the_sentence_names_what_is_needed() -> None:
    assert "18" in TOO_OLD
    assert "CVE-2024-10976" in TOO_OLD
