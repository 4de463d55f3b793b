"""The mapping file: how the columns of somebody's CSV files become teams, members and rows.

A mapping is TOML, typed here, checked further in `checks` and documented for its writers in docs/importing.md.
"""

import codecs
from collections.abc import Iterator
from decimal import Decimal
from pathlib import PurePosixPath
from string import Formatter
from typing import Annotated, Literal, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator, model_validator


class Part(BaseModel):
    """What all tables of a mapping share: unknown keys are mistakes, and nothing changes after reading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Source(Part):
    """A CSV file. `replace` corrects single cells by column; `blank` lists cells that mean nothing was recorded."""

    file: str
    encoding: str = "utf-8"
    delimiter: Annotated[str, Field(min_length=1, max_length=1)] = ","
    quote: Annotated[str, Field(min_length=1, max_length=1)] = '"'
    columns: tuple[str, ...] | None = None
    blank: frozenset[str] = frozenset()
    replace: dict[str, dict[str, str]] = {}

    @field_validator("file")
    @classmethod
    def _inside(cls, file: str) -> str:
        path = PurePosixPath(file)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError("must be a path inside the data directory")
        return file

    @field_validator("encoding")
    @classmethod
    def _by_line(cls, encoding: str) -> str:
        try:
            name = codecs.lookup(encoding).name
        except LookupError:
            raise ValueError(f"no encoding is called {encoding!r}") from None
        if "x\n".encode(name)[-2:] != b"x\n":
            raise ValueError(f"{encoding} does not keep lines apart byte by byte; save the file as utf-8")
        return name.removesuffix("-sig")


def _field(value: object) -> object:
    return {"field": value} if isinstance(value, str) else value


class Expression(Part):
    """A value out of a line: a cell, several in a template, or a constant.

    `lookup`, `letters` and `lower` work on the cells, in this order, before they enter the template. A template with an
    empty cell gives nothing. Where there is nothing, `otherwise` is asked.
    """

    field: str | None = None
    template: str | None = None
    value: str | None = None
    lookup: str | None = None
    letters: str | None = None
    lower: bool = False
    format: str | None = None
    zone: str | None = None
    multiply: Decimal | None = None
    decimal_mark: Literal[".", ","] = "."
    group_mark: Annotated[str, Field(min_length=1, max_length=1)] | None = None
    otherwise: "ExpressionLike | None" = None

    @model_validator(mode="after")
    def _one_origin(self) -> Self:
        if sum(origin is not None for origin in (self.field, self.template, self.value)) != 1:
            raise ValueError("say exactly one of field, template and value")
        if self.template is not None:
            try:
                parsed = list(Formatter().parse(self.template))
            except ValueError as error:
                raise ValueError(f"the template cannot be read: {error}") from None
            named = [part for part in parsed if part[1] is not None]
            if not named or not all(name and not form and not conversion for _, name, form, conversion in named):
                raise ValueError("a template names its cells and nothing else in braces, as in {city}")
        if self.group_mark is not None and self.group_mark == self.decimal_mark:
            raise ValueError("decimal_mark and group_mark are the same")
        return self

    @property
    def parts(self) -> tuple[tuple[str, str | None], ...]:
        """The template as pieces: text, and the column that follows it (None behind the last piece)."""
        return tuple((text, name) for text, name, _, _ in Formatter().parse(self.template or ""))

    @property
    def fields(self) -> tuple[str, ...]:
        """Columns of the file that the expression itself reads (not those of `otherwise`)."""
        if self.field is not None:
            return (self.field,)
        return tuple(name for _, name in self.parts if name is not None)

    def alternatives(self) -> Iterator["Expression"]:
        """The expression and those to ask where it gives nothing, in order."""
        expression: Expression | None = self
        while expression is not None:
            yield expression
            expression = expression.otherwise


ExpressionLike = Annotated[Expression, BeforeValidator(_field)]
Expression.model_rebuild()


class Capability(Part):
    """Actions on modules with their scopes, which a role is to hold; actions without rows take no scopes."""

    modules: tuple[str, ...] = Field(min_length=1)
    actions: tuple[str, ...] = Field(min_length=1)
    scopes: tuple[str, ...] = ()


class Role(Part):
    """A custom role, found by its name; one that exists is left as it is."""

    name: str = Field(min_length=1)
    capabilities: tuple[Capability, ...] = ()


class Teams(Part):
    """One team for every distinct key in a source; without a source, one team. `key` is the name where left out."""

    source: str | None = None
    name: ExpressionLike
    key: ExpressionLike | None = None
    parent: ExpressionLike | None = None


class Members(Part):
    """One member for every distinct key in a source.

    `role` is the name of a role; `team`, the main one, and `extra_teams` are keys of teams.
    """

    source: str | None = None
    name: ExpressionLike
    email: ExpressionLike
    role: str = Field(min_length=1)
    key: ExpressionLike | None = None
    team: ExpressionLike | None = None
    extra_teams: tuple[ExpressionLike, ...] = ()


class Links(Part):
    """Pairs a row with rows of another module: keys in one cell, `separator` between them."""

    keys: ExpressionLike
    separator: str = Field(default=";", min_length=1)


class Rows(Part):
    """One row of `module` for every line of a source.

    Modules with the action `import` are CRM records. `owner` is the key of a member or the e-mail of one; `team` is the
    key of a team, and where it is left out the owner's main team by the product's own rule (O4).
    """

    module: str
    source: str
    key: ExpressionLike
    columns: dict[str, ExpressionLike]
    owner: ExpressionLike | None = None
    team: ExpressionLike | None = None
    open_to_all: bool = False
    links: dict[str, Links] = {}


class Mapping(Part):
    """A whole mapping. `name` marks where rows came from: a key is imported once per account, name and module."""

    version: Literal[1]
    name: Annotated[str, Field(pattern=r"^[a-z0-9]+(-[a-z0-9]+)*$", max_length=100)]
    description: str = ""
    sources: dict[str, Source] = Field(min_length=1)
    lookups: dict[str, dict[str, str]] = {}
    roles: tuple[Role, ...] = ()
    teams: tuple[Teams, ...] = ()
    members: tuple[Members, ...] = ()
    rows: tuple[Rows, ...] = ()
