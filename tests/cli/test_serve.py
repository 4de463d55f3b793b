import signal
import socket
import time
from contextlib import suppress

import httpx
import pytest

from tests.cli.conftest import Cloison, address

QUERY = {"query": "{ viewer { user { email } account { slug } } }"}


def wait_for(port: int, path: str = "/readyz") -> httpx.Response:
    """Ask until it answers; it has a minute."""
    deadline = time.monotonic() + 60
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        while True:
            with suppress(httpx.TransportError):
                return client.get(path)
            assert time.monotonic() < deadline, "nobody answers"
            time.sleep(0.05)


def ask(port: int, token: str) -> object:
    answer = httpx.post(f"http://127.0.0.1:{port}/graphql", json=QUERY, headers={"Authorization": f"Bearer {token}"})
    return answer.json()


@pytest.fixture
def ready(cloison: Cloison) -> Cloison:
    cloison.succeed("migrate")
    return cloison


@pytest.mark.parametrize(("number", "workers"), [(signal.SIGINT, 1), (signal.SIGTERM, 1), (signal.SIGTERM, 2)])
def test_it_serves_beside_other_commands_and_ends_in_order(
    ready: Cloison, free_port: int, number: signal.Signals, workers: int
) -> None:
    with ready.start("serve", f"--port={free_port}", f"--workers={workers}") as process:
        assert wait_for(free_port).status_code == 200
        ready.succeed("account", "create", "--slug=acme", "--name=Acme", "--owner-email=ada@acme.example")
        token = ready.succeed("token", "--email=ada@acme.example")
        ready.succeed("database-url")
        assert ask(free_port, token) == {
            "data": {"viewer": {"user": {"email": "ada@acme.example"}, "account": {"slug": "acme"}}}
        }
        assert address(ready) is not None
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 0, said
        assert "Traceback" not in said
    assert address(ready) is None, "the embedded server ends with whoever serves, although its address was given"


def test_it_starts_again_after_a_kill(ready: Cloison, free_port: int) -> None:
    with ready.start("serve", f"--port={free_port}") as process:
        wait_for(free_port)
        process.kill()
        process.communicate()
    assert address(ready) is not None
    with ready.start("serve", f"--port={free_port}"):
        assert wait_for(free_port).status_code == 200
    assert address(ready) is None


def test_a_port_in_use_is_one_sentence_before_anything_is_started(cloison: Cloison) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        for verb in ("serve", "demo"):
            assert f"Port {port} is in use" in cloison.refuse(verb, f"--port={port}")
    assert not (cloison.directory / "postgres").exists()


@pytest.mark.parametrize("option", ["--port=99999", "--port=0", "--workers=0"])
def test_an_option_out_of_range_is_named(cloison: Cloison, option: str) -> None:
    outcome = cloison("serve", option)
    assert outcome.code == 2
    assert option.partition("=")[0] in outcome.said
    assert not cloison.directory.exists()


def test_a_file_is_no_data_directory(cloison: Cloison) -> None:
    cloison.directory.write_text("")
    assert "is not a directory" in cloison.refuse("migrate")


def test_an_address_of_another_machine_is_one_sentence(cloison: Cloison) -> None:
    assert "not an address of this machine" in cloison.refuse("serve", "--host=192.0.2.1")


def test_a_gateway_that_is_not_let_in_is_one_sentence(ready: Cloison, free_port: int) -> None:
    said = ready.refuse("serve", f"--port={free_port}", GATEWAY_PASSWORD="another one than was set")
    assert "refuses the gateway's login" in said
    assert "cloison migrate" in said


def test_graphiql_is_there_only_where_it_is_switched_on(ready: Cloison, free_port: int) -> None:
    for switched, status in (("false", 405), ("true", 200)):
        with ready.start("serve", f"--port={free_port}", GRAPHIQL=switched):
            wait_for(free_port)
            page = httpx.get(f"http://127.0.0.1:{free_port}/graphql", headers={"Accept": "text/html"})
            assert ("graphiql" in page.text.lower()) == (status == 200)
