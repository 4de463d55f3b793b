"""The page for browsers: from our own files, under a strict policy, and only where it is switched on."""

import hashlib
import re
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from tests.api.conftest import World, settings_for, talking

STATIC = Path(__file__).parents[2] / "gateway" / "static"
BROWSER = {"accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture(scope="module")
async def browser(world: World) -> AsyncIterator[httpx.AsyncClient]:
    async with talking(settings_for(world.database, graphiql=True), **BROWSER) as found:
        yield found


async def test_a_browser_gets_a_page_that_may_load_only_from_us(browser: httpx.AsyncClient) -> None:
    answer = await browser.get("/graphql")

    assert answer.status_code == 200
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self';")
    assert "frame-ancestors 'none'" in policy
    for weak in ("unsafe", "http", "*", "blob"):
        assert weak not in policy


async def test_everything_that_the_page_loads_is_there(browser: httpx.AsyncClient) -> None:
    page = (await browser.get("/graphql")).text
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page)

    assert len(addresses) >= 6
    for address in addresses:
        if address == "data:,":
            continue
        assert address.startswith("/graphiql/")
        answer = await browser.get(address)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-cache"
        assert answer.headers["x-content-type-options"] == "nosniff"


def test_our_own_files_name_no_other_place() -> None:
    for name in ("index.html", "page.css", "page.js"):
        assert "//" not in re.sub(r"^\s*//.*$", "", (STATIC / "graphiql" / name).read_text(), flags=re.MULTILINE)


def test_released_files_are_as_released() -> None:
    listed = dict(
        re.findall(r"^\| `([^`]+)` \|.*\| `([0-9a-f]{64})` \|$", (STATIC / "README.md").read_text(), re.MULTILINE)
    )

    ours = {"index.html", "page.css", "page.js"}
    licences = {"LICENSE.graphiql", "LICENSE.react"}
    assert {path.name for path in (STATIC / "graphiql").iterdir()} == set(listed) | ours | licences
    for name, digest in listed.items():
        assert hashlib.sha256((STATIC / "graphiql" / name).read_bytes()).hexdigest() == digest


async def test_a_client_of_the_api_gets_no_page(browser: httpx.AsyncClient) -> None:
    answers = [
        await browser.get("/graphql", headers={"accept": "*/*"}),
        await browser.get("/graphql?query={__typename}"),
        await browser.post("/graphql", json={"query": "{ __typename }"}),
    ]

    assert [answer.status_code for answer in answers] == [401, 401, 401]


@pytest.mark.parametrize(
    "path", ["/graphiql/../../settings.py", "/graphiql/%2e%2e/README.md", "/graphiql/", "/graphiql"]
)
async def test_nothing_else_is_served(browser: httpx.AsyncClient, path: str) -> None:
    answer = await browser.get(path)

    assert answer.status_code in {307, 404}


async def test_without_the_setting_there_is_no_page(world: World) -> None:
    async with talking(settings_for(world.database), **BROWSER) as client:
        page = await client.get("/graphql")
        script = await client.get("/graphiql/page.js")

    assert page.headers["content-type"] == "application/json; charset=utf-8"
    assert page.status_code == 401
    assert script.status_code == 404
