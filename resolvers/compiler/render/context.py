"""What the parts of one statement share while they are rendered: parameters, aliases, the viewer and what he holds."""

from textwrap import indent

from resolvers.compiler.plan import Denial, Param
from resolvers.profile import Profile

ACCOUNT = "(select access.account_id())"
LONGEST_NAME = 63


class Context:
    """Numbers parameters and aliases. Aliases hold a `$`, which no response key can: keys never shadow them."""

    def __init__(self, profile: Profile) -> None:
        self.profile = profile
        self._slots: dict[Param, int] = {}
        self._aliases = 0
        self._identity = False
        self._denied: dict[Denial, None] = {}

    @property
    def slots(self) -> tuple[Param, ...]:
        """What `$1`, `$2`... stand for."""
        return tuple(self._slots)

    def param(self, param: Param) -> str:
        """The parameter's number with its type."""
        number = self._slots.setdefault(param, len(self._slots) + 1)
        if param.member is not None:
            return f"(${number}::jsonb ->> {literal(param.member)})::{param.type}"
        return f"${number}::{param.type}"

    def alias(self, stem: str) -> str:
        """A name for a row source that occurs nowhere else in the statement."""
        self._aliases += 1
        return f"{stem.rpartition('.')[2]}${self._aliases}"

    def viewer(self) -> tuple[str, str]:
        """The viewer's id and team keys, computed once in the statement."""
        self._identity = True
        return "viewer$.me", "viewer$.keys"

    def holds_view(self, modules: tuple[str, ...]) -> bool:
        """Whether `view` is held on all of the modules; those on which it is not are noted."""
        return self.holds(modules, "view")

    def holds(self, modules: tuple[str, ...], action: str) -> bool:
        """The same for any action."""
        missing = [module for module in modules if not self.profile.reach(module, action)]
        self._denied |= dict.fromkeys(Denial(module, action) for module in missing)
        return not missing

    def holds_any(self, capabilities: tuple[tuple[str, str], ...]) -> bool:
        """Whether any of these (module, action) is held."""
        return any(self.profile.reach(module, action) for module, action in capabilities)

    @property
    def denied(self) -> tuple[Denial, ...]:
        """What would have been needed."""
        return tuple(self._denied)

    def viewer_row(self) -> str | None:
        """The viewer's row, or None when nothing needs it. Materialized: each function runs once."""
        if not self._identity:
            return None
        row = "select access.user_id() as me,\n  access.team_keys() as keys"
        return f"with viewer$ as materialized (\n{nest(row)}\n)"


def literal(text: str) -> str:
    """A text constant. Only names of the schema and of the document come here, never values of a request."""
    return "'" + text.replace("'", "''") + "'"


def name(key: str) -> str:
    """A response key as the name of a column."""
    return f'"{key}"'


def nest(text: str) -> str:
    """Indent a part of a statement."""
    return indent(text, "  ")


def subquery(kind: str, body: str, alias: str, condition: str = "") -> str:
    """A lateral join with a sub-select."""
    return f"{kind} lateral (\n{nest(body)}\n) {alias}{condition}"


def select(columns: list[str], source: str, joins: list[str], tail: str = "") -> str:
    """A select statement; `source` may be empty."""
    text = "select " + ",\n  ".join(columns)
    if source:
        text += f"\nfrom {source}"
    for join in joins:
        text += f"\n{join}"
    return f"{text}\n{tail}" if tail else text


def json_object(pairs: list[tuple[str, str]], alias: str) -> tuple[list[str], str]:
    """Columns that make an object of (key, expression), and how to refer to it when they are selected as `alias`.

    A record's columns become the keys in their order. Names of columns end at 63 bytes, so an object with a longer key
    is put together as text.
    """
    if all(len(key) <= LONGEST_NAME for key, _ in pairs):
        return [f"{expression} as {name(key)}" for key, expression in pairs], alias
    members = (f"'{name(key)}:' || coalesce(to_json({expression})::text, 'null')" for key, expression in pairs)
    body = " || ',' || ".join(members)
    return [f"('{{' || {body} || '}}')::json as object$"], f"{alias}.object$"
