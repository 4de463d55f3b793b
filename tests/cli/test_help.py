import pytest

from tests.cli.conftest import Cloison

COMMANDS = {
    "demo": ("--port", "--no-serve"),
    "serve": ("--host", "--port", "--workers"),
    "stop": (),
    "migrate": ("--check", "--json"),
    "account create": ("--slug", "--name", "--owner-email", "--json"),
    "account subscribing": ("--allow", "--refuse"),
    "member add": ("--account", "--email", "--role", "--team", "--json"),
    "member invite": ("--account", "--email", "--role", "--team", "--by", "--days", "--json"),
    "email next": ("--limit", "--lease"),
    "email done": (),
    "import": ("mapping", "--data", "--account", "--json"),
    "token": ("--email", "--account", "--newcomer"),
    "analyst create": ("--account", "--email", "--service"),
    "database-url": ("--as", "owner", "gateway"),
    "schema": (),
    "doctor": ("--json",),
}


def test_the_command_lists_its_verbs(cloison: Cloison) -> None:
    listed = cloison.succeed("--help")
    assert [verb for verb in COMMANDS if verb.split()[0] not in listed] == []


@pytest.mark.parametrize("verb", COMMANDS)
def test_a_verb_explains_itself(cloison: Cloison, verb: str) -> None:
    explained = cloison.succeed(*verb.split(), "--help")
    assert [option for option in COMMANDS[verb] if option not in explained] == []
    assert not cloison.directory.exists(), "help starts nothing"


def test_the_schema_needs_no_database(cloison: Cloison) -> None:
    assert "type Query {" in cloison.succeed("schema")
    assert not cloison.directory.exists()
