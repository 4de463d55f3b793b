"""Settings: environment variables that begin with CLOISON_, and secrets made on first use where none are set."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Self
from urllib.parse import urlsplit

from pydantic import Field, HttpUrl, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gateway.problems import Problem
from gateway.secrets_file import Secrets

CHECKOUT = Path(__file__).resolve().parents[1]
PREFIX = "CLOISON_"
SYMMETRIC = frozenset({"HS256", "HS384", "HS512"})
ASYMMETRIC = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"})

CommaSeparated = Annotated[tuple[str, ...], NoDecode]


class LogFormat(StrEnum):
    """How a log line is written."""

    JSON = "json"
    CONSOLE = "console"


class LogLevel(StrEnum):
    """The least important event that is logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class Settings(BaseSettings):
    """Everything that can be set from outside. Frozen; times in seconds, sizes in bytes."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid")

    database_url: SecretStr | None = Field(
        None,
        description="Administrator's URL of your own server (15.10, 16.6, 17.2 or later, or 18). Absent: embedded.",
    )
    gateway_url: SecretStr | None = Field(
        None, description="URL of the gateway's login, where it is not the administrator's with another user."
    )
    gateway_password: SecretStr | None = Field(None, description="Password of the login cloison_gateway.")
    data_dir: Path = Field(
        CHECKOUT / ".data", description="Where the embedded server and generated secrets live.", validate_default=True
    )
    embedded_port: int | None = Field(
        None, ge=1, le=65535, description="Port of the embedded server. Absent: a free one, kept across restarts."
    )

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8000, ge=1, le=65535, description="Port to listen on.")
    workers: int = Field(1, ge=1, le=256, description="Processes that serve.")
    graphiql: bool = Field(False, description="Serve GraphiQL at /graphql for browsers.")
    introspection: bool = Field(True, description="Answer introspection: what `cloison schema` prints is no secret.")
    cors_origins: CommaSeparated = Field(
        (), description="Origins whose pages may call the API, separated by commas; * for all. Absent: none."
    )

    jwt_secret: SecretStr | None = Field(None, description="Secret of HS256 tokens, at least 32 bytes: development.")
    jwt_jwks_url: HttpUrl | None = Field(None, description="Where the keys of RS256 or ES256 tokens are: production.")
    jwt_issuer: str | None = Field("cloison", description="Issuer that a token must name.")
    jwt_audience: str | None = Field("cloison", description="Audience that a token must name.")
    jwt_algorithms: CommaSeparated = Field(
        (), description="Accepted algorithms, separated by commas. Absent: HS256 with a secret, RS256,ES256 with JWKS."
    )
    jwt_leeway: int = Field(10, ge=0, le=300, description="Seconds by which clocks may differ.")
    jwt_lifetime: int = Field(12 * 3600, ge=60, description="Seconds for which a token of `cloison token` is good.")

    cursor_secret: SecretStr | None = Field(None, description="Secret that makes cursors tamper-proof.")

    pool_min: int = Field(2, ge=0, description="Connections that each worker opens from the start.")
    pool_max: int = Field(
        10, ge=1, description="Connections for requests that each worker opens at most; three more are its own."
    )
    pool_timeout: float = Field(5.0, gt=0, description="Seconds that a request waits for a connection.")
    statement_cache: int = Field(
        256, ge=0, description="Prepared statements kept per connection; 0 behind PgBouncer below 1.21."
    )
    statement_timeout: float = Field(5.0, gt=0, le=600, description="Seconds after which a statement is cancelled.")
    lock_timeout: float = Field(2.0, gt=0, le=600, description="Seconds that a statement waits for a lock.")
    analyst_timeout: float = Field(
        300.0, gt=0, description="Seconds after which an analyst's statement is ended, whatever they set themselves."
    )
    trash_days: int = Field(30, ge=0, le=3650, description="Days after which deleted rows leave the trash for good.")
    shutdown_timeout: int = Field(10, ge=0, description="Seconds that open requests are given when the server stops.")

    exports: int = Field(
        2, ge=0, description="Exports that each worker streams at a time, on connections of their own; 0: none."
    )
    export_timeout: float = Field(600.0, gt=0, description="Seconds after which an export is broken off.")

    jobs: int = Field(
        1, ge=0, le=64, description="Jobs that each worker does at a time, on connections of their own; 0: none."
    )

    limit_body: int = Field(256 * 1024, ge=1024, description="Bytes of a request's body.")
    limit_json_depth: int = Field(32, ge=4, description="Nesting of a request's JSON.")
    limit_document: int = Field(64 * 1024, ge=1024, description="Characters of a document.")
    limit_tokens: int = Field(4_000, ge=100, description="Tokens of a document.")
    limit_depth: int = Field(16, ge=4, description="Nesting of a document's fields, fragments expanded.")
    limit_fields: int = Field(2_000, ge=20, description="Fields of an operation, fragments expanded.")
    limit_aliases: int = Field(50, ge=0, description="Aliases of an operation, fragments expanded.")
    limit_root_fields: int = Field(20, ge=1, description="Root fields of an operation.")
    limit_directives: int = Field(100, ge=0, description="Directives of an operation, fragments expanded.")
    limit_input_depth: int = Field(12, ge=2, description="Nesting of an argument's value.")
    limit_input_values: int = Field(
        10_000, ge=20, description="Values in an operation's arguments, a variable as often as it is used."
    )
    limit_list_length: int = Field(1_000, ge=1, description="Length of a list in an argument.")
    limit_cost: int = Field(50_000, ge=100, description="Estimated rows of an operation.")
    limit_introspection: int = Field(500_000, ge=1_000, description="Estimated values of an introspection.")

    log_level: LogLevel = Field(LogLevel.INFO, description="debug, info, warning or error.")
    log_format: LogFormat = Field(LogFormat.JSON, description="json or console.")

    @field_validator("cors_origins", "jwt_algorithms", mode="before")
    @classmethod
    def _split(cls, value: Any) -> Any:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("database_url", "gateway_url")
    @classmethod
    def _postgres_url(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        message = "must look like postgresql://user:password@host:5432/database"
        try:
            parts = urlsplit(value.get_secret_value())
            _ = parts.port
        except ValueError:
            raise ValueError(message) from None
        if parts.scheme not in {"postgres", "postgresql"} or not parts.path.strip("/"):
            raise ValueError(message)
        return value

    @field_validator("jwt_secret", "cursor_secret")
    @classmethod
    def _long_enough(cls, value: SecretStr | None) -> SecretStr | None:
        if value is not None and len(value.get_secret_value().encode()) < 32:
            raise ValueError("must have at least 32 bytes")
        return value

    @field_validator("jwt_algorithms")
    @classmethod
    def _known_algorithms(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(value) - SYMMETRIC - ASYMMETRIC):
            raise ValueError(f"does not know {', '.join(unknown)}")
        return value

    @field_validator("data_dir")
    @classmethod
    def _absolute(cls, value: Path) -> Path:
        return value.expanduser().absolute()

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.jwt_secret is not None and self.jwt_jwks_url is not None:
            raise ValueError("CLOISON_JWT_SECRET and CLOISON_JWT_JWKS_URL exclude each other: unset one of them")
        if wrong := set(self.jwt_algorithms) & (SYMMETRIC if self.jwt_jwks_url else ASYMMETRIC):
            source = "CLOISON_JWT_JWKS_URL" if self.jwt_jwks_url else "a secret"
            raise ValueError(f"CLOISON_JWT_ALGORITHMS: {', '.join(sorted(wrong))} does not go with {source}")
        if self.pool_min > self.pool_max:
            raise ValueError("CLOISON_POOL_MIN is greater than CLOISON_POOL_MAX: lower it")
        return self

    @property
    def embedded(self) -> bool:
        """Whether the database is the embedded one."""
        return self.database_url is None and self.gateway_url is None

    @property
    def algorithms(self) -> tuple[str, ...]:
        """Algorithms that a token may be signed with."""
        return self.jwt_algorithms or (("RS256", "ES256") if self.jwt_jwks_url else ("HS256",))

    def with_secrets(self) -> "Settings":
        """Fill in what is not set from the secrets file in the data directory, which is made on first use."""
        wanted = [
            name
            for name in ("jwt_secret", "cursor_secret", "gateway_password")
            if getattr(self, name) is None and not (name == "jwt_secret" and self.jwt_jwks_url)
        ]
        if not wanted:
            return self
        secrets = Secrets.open(self.data_dir)
        return self.model_copy(update={name: SecretStr(getattr(secrets, name)) for name in wanted})


def load(**overrides: Any) -> Settings:
    """Settings of the environment, `overrides` (None: not overridden) before them. Raises Problem with one sentence."""
    try:
        return Settings(**{name: value for name, value in overrides.items() if value is not None})
    except ValidationError as error:
        raise Problem(_sentence(error)) from None


def unknown_variables() -> list[str]:
    """Environment variables that look like settings and are none, in alphabetical order."""
    known = {PREFIX + name.upper() for name in Settings.model_fields}
    return sorted(name for name in os.environ if name.upper().startswith(PREFIX) and name.upper() not in known)


def _sentence(error: ValidationError) -> str:
    """Name the variable and what is wrong with it, never its value: it may be a secret."""
    parts = []
    for detail in error.errors(include_url=False, include_input=False):
        reason = detail["msg"].removeprefix("Value error, ")
        reason = reason.replace("Input should be", "should be")
        parts.append(" ".join([PREFIX + str(part).upper() for part in detail["loc"][:1]] + [reason]))
    return "; ".join(parts) + "."
