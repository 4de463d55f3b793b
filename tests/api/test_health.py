"""Whether the gateway lives, and whether it can serve; tests/api/test_errors.py takes the database away."""

import httpx
import pytest
from pydantic import SecretStr

from gateway.app import create_app
from gateway.problems import Problem
from migrations.definitions import checksum
from resolvers.errors import Unavailable
from resolvers.releases import UnsupportedServerError
from tests.api.conftest import World, settings_for, talking


async def test_a_gateway_that_lives_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/healthz")

    assert (answer.status_code, answer.json()) == (200, {"status": "ok"})


async def test_a_gateway_that_can_serve_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/readyz")

    assert answer.status_code == 200
    assert set(answer.json()["checks"].values()) == {"ok"}
    assert {"database", "watchdog"} <= set(answer.json()["checks"])


async def test_a_probe_that_fails_is_named_and_its_reason_is_not(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    async def broken() -> str | None:
        return "a reason for the operator"

    app = create_app(settings_for(world.database), probes={"extra": broken})
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway.example") as client,
    ):
        answer = await client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["extra"] == "failed"
    assert "a reason" not in answer.text
    assert "a reason for the operator" in capsys.readouterr().err


@pytest.mark.parametrize(("definitions", "status"), [(checksum(), 200), ("of another release", 503), (None, 200)])
async def test_a_gateway_of_another_release_than_the_database_is_not_ready(
    world: World, definitions: str | None, status: int
) -> None:
    app = create_app(settings_for(world.database), definitions=definitions)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway.example") as client,
    ):
        answer = await client.get("/readyz")

    assert answer.status_code == status


async def start(world: World, **overrides: object) -> None:
    async with talking(settings_for(world.database, **overrides)):
        pytest.fail("started")


async def test_it_does_not_start_on_a_server_that_mixes_up_policies(
    world: World, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("resolvers.releases.OLDEST_SUPPORTED", {18: 99})

    with pytest.raises(UnsupportedServerError):
        await start(world)
    assert "CVE-2024-10976" in capsys.readouterr().err


async def test_it_does_not_start_without_a_server(world: World) -> None:
    with pytest.raises(Unavailable):
        await start(world, gateway_url=SecretStr("postgresql://cloison_gateway:x@127.0.0.1:1/nothing"))


async def test_it_does_not_start_without_its_secrets(world: World) -> None:
    with pytest.raises(Problem):
        await start(world, cursor_secret=None)
