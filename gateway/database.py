"""Which database the settings mean, and under which URLs its administrator and the gateway reach it."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit, urlunsplit

from pydantic import SecretStr

from gateway import settings as configured
from gateway.embedded import Address, Server
from gateway.problems import Problem
from gateway.settings import Settings

GATEWAY = "cloison_gateway"


@dataclass(frozen=True)
class Urls:
    """A database that is there: URLs of its administrator (None where we were given none) and of the gateway."""

    admin_url: str | None
    gateway_url: str

    @property
    def owner_url(self) -> str:
        """The administrator's URL; Problem where there is none."""
        if self.admin_url is None:
            raise Problem("This command needs the database's administrator: set CLOISON_DATABASE_URL to their URL.")
        return self.admin_url


@contextmanager
def database(settings: Settings, *, keep: bool = False) -> Iterator[Urls]:
    """Have the database of `settings` there while the block runs: the embedded server is started if it is not.

    With `keep`, a server that this started goes on running afterwards.
    """
    if not settings.embedded:
        yield _own(settings)
        return
    with embedded_server(settings).hold(keep=keep) as address:
        yield _embedded(settings, address)


def for_serving() -> Settings:
    """Settings of a process that serves, with all secrets and the gateway's URL; the database must be there already."""
    settings = configured.load().with_secrets()
    if not settings.embedded:
        return connected(settings, _own(settings))
    address = embedded_server(settings).address()
    if address is None:
        raise Problem("The embedded database does not run: start the gateway with `cloison serve`.")
    return connected(settings, _embedded(settings, address))


def connected(settings: Settings, found: Urls) -> Settings:
    """Return `settings` with the gateway's URL and all secrets filled in."""
    return settings.with_secrets().model_copy(update={"gateway_url": SecretStr(found.gateway_url)})


def embedded_server(settings: Settings) -> Server:
    """Return the embedded server of `settings`, running or not."""
    return Server(settings.data_dir, settings.embedded_port)


def with_login(url: str, user: str, password: str) -> str:
    """Return `url` for another login: same server, database and options."""
    parts = urlsplit(url)
    place = parts.netloc.rpartition("@")[2]
    query = [(name, value) for name, value in parse_qsl(parts.query) if name not in {"user", "password", "passfile"}]
    login = f"{quote(user, safe='')}:{quote(password, safe='')}"
    return urlunsplit(parts._replace(netloc=f"{login}@{place}", query=urlencode(query, safe="/")))


def as_service(name: str, url: str) -> str:
    """Return what `url` says as a section of a pg_service.conf, which libpq reads for `service=NAME`."""
    parts = urlsplit(url)
    places = [urlsplit(f"//{place}") for place in parts.netloc.rpartition("@")[2].split(",")]
    found = {
        "host": ",".join(place.hostname or "" for place in places),
        "port": ",".join(str(place.port or "") for place in places),
        "dbname": unquote(parts.path.removeprefix("/")),
        "user": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        **dict(parse_qsl(parts.query)),
    }
    lines = [f"{keyword}={value}" for keyword, value in found.items() if value.strip(",")]
    return "\n".join([f"[{name}]", *lines])


def _own(settings: Settings) -> Urls:
    admin_url = settings.database_url.get_secret_value() if settings.database_url else None
    if settings.gateway_url is not None:
        return Urls(admin_url, settings.gateway_url.get_secret_value())
    assert admin_url is not None  # noqa: S101 - else `embedded`
    return Urls(admin_url, with_login(admin_url, GATEWAY, _password(settings)))


def _embedded(settings: Settings, address: Address) -> Urls:
    return Urls(address.superuser_url(), address.login_url(GATEWAY, _password(settings)))


def _password(settings: Settings) -> str:
    password = settings.with_secrets().gateway_password
    assert password is not None  # noqa: S101 - with_secrets makes one
    return password.get_secret_value()
