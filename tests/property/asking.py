"""What is asked of the database about a world, and which answers agree with the oracle.

Rows that one reads are all read. What one may do to them is tried: on all rows together where the oracle says yes, and
on all that one does not see; one by one where one sees a row and may not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from uuid import UUID

from jinja2 import Environment, StrictUndefined

from schema.modules import REGISTRY
from schema.registry import Kind, Module
from tests.property.oracle import Verdicts
from tests.support.building import Built
from tests.support.model import Account, Member, World
from tests.support.sql import listing, writes_of

# Who may send to whom: nobody on the list.
UNREACHED = frozenset({"U0409"})
REFUSED, HIDDEN = frozenset({"U0403", "42501"}), frozenset({"U0404"})
NOTHING = frozenset({"0"})
READ = ("view", "view_sensitive", "export")

ERASE = "delete from {m.table} where id = any (t.ids)"
HANDED = {
    Kind.RECORD: "perform access.assign_{m.name}(i, t.owner, t.team, null) from unnest(t.ids) i",
    Kind.ASSET: "perform access.assign_{m.name}(i, t.owner, array[t.team], true) from unnest(t.ids) i",
}
LEFT = {
    Kind.RECORD: "perform access.assign_{m.name}(i, null, null, true) from unnest(t.ids) i",
    Kind.ASSET: "perform access.assign_{m.name}(i, null, array[]::uuid[], true) from unnest(t.ids) i",
}
SHARE = (
    "perform access.share_{m.name}(i, null, t.team, array['view'], null, clock_timestamp() + interval '30 minutes')"
    " from unnest(t.ids) i"
)
CLONE = "perform access.clone_{m.name}(i) from unnest(t.ids) i"
MAKE_IN = "insert into {m.table} ({m.label}, {column}) select 'made', i from unnest(t.ids) i"
MAKE = "insert into {m.table} (id, {m.label}) values (t.ids[1], 'made')"
SEE = "select count(*)::text into seen from {m.table} where id = t.ids[1]"
KEY = "insert into access.import_key (source, module, key, row_id) values ('x', '{m.name}', t.ids[1]::text, t.ids[1])"
SEND = "update {m.table} set {state} = '{m.gone}', {m.sends_to.column} = t.list where id = any (t.ids)"
OUTBOX = "select o.left_out || ' ' || o.recipients::text into seen from access.outbox o where o.row_id = t.ids[1]"

CHANGE = re.compile(r"update crm\.\w+ set (?P<columns>.*'[^']*') where id = any \(t\.ids\)")


@cache
def acts_of(module: Module) -> dict[str, tuple[str, str]]:
    """How each thing is tried, and what is looked at then."""
    found = {action: (_of_rows(module, action, text), "") for action, text in writes_of(module).items()}
    found.pop("create", None)
    if module.kind in HANDED:
        found |= {"hand": (HANDED[module.kind].format(m=module), ""), "share": (SHARE.format(m=module), "")}
        found["leave"] = (LEFT[module.kind].format(m=module), "")
    if "clone" in module.action_names:
        found["clone"] = (CLONE.format(m=module), "")
    if module.kind is Kind.SHARED:
        found["erase"] = (ERASE.format(m=module), "")
    for child, link in REGISTRY.children_of(module):
        if not child.part_of:
            found[f"create_{child.name}"] = (MAKE_IN.format(m=child, column=link.column), "")
    if not module.parents:
        found["create"] = (MAKE.format(m=module), SEE.format(m=module))
    if "import" in module.action_names:
        found["import"] = (f"{MAKE.format(m=module)};\n          {KEY.format(m=module)}", "")
    if module.sends_to and module.destination:
        found["deliver"] = (SEND.format(m=module, state=module.destination.state), OUTBOX)
    return found


def _of_rows(module: Module, action: str, text: str) -> str:
    """The same statement for several rows."""
    if action == "assign":
        return text.format(id="i") + " from unnest(t.ids) i"
    if text.startswith("insert"):
        part = next((part for part in REGISTRY.modules if part.part_of == module.name), module)
        return MAKE_IN.format(m=part, column=part.parent_columns[0]) if part is not module else ""
    return text.format(id="any (t.ids)")


def probes() -> str:
    """The functions that try what is asked."""
    text = Path(__file__).with_name("probes.sql.jinja").read_text(encoding="utf-8")
    template = Environment(undefined=StrictUndefined, autoescape=False).from_string(text)
    return template.render(modules={module.name: _branches(module) for module in REGISTRY.modules})


def _branches(module: Module) -> list[tuple[list[str], str, str]]:
    """Acts with how they are tried. Those that change columns are one statement, which is planned once for a member."""
    changes: dict[str, list[str]] = {}
    branches = []
    for act, (statement, look) in acts_of(module).items():
        if found := CHANGE.fullmatch(statement):
            for column, value in (each.split(" = ") for each in found["columns"].split(", ")):
                changes.setdefault(column, []).append(f"when t.act = '{act}' then {value}")
        else:
            branches.append(([act], statement, look))
    values = [f"{column} = case {' '.join(cases)} else {column} end" for column, cases in changes.items()]
    together = [act for act, (statement, _) in acts_of(module).items() if CHANGE.fullmatch(statement)]
    return [(together, f"update {module.table} set {', '.join(values)} where id = any (t.ids)", ""), *branches]


@cache
def reading(modules: tuple[Module, ...], *, whole: bool) -> str:
    """Everything that one reads of these modules; the whole of it, with what goes into files, and what one holds."""
    parts = [f"select action, id::text from ({listing(modules)}) seen" if modules else "select '', '' where false"]
    if whole:
        parts += [
            f"select 'export', id::text from access.exported_{module.name}()"
            for module in modules
            if "export" in module.action_names
        ]
        parts.append(
            "select 'holds', c.module || '.' || c.action || '.' || scope from crm.capabilities c, unnest(scopes) scope"
        )
    return " union all ".join(parts)


@dataclass(frozen=True)
class Question:
    """Something to try, on some rows of a module."""

    module: str
    act: str
    what: str
    ids: tuple[UUID, ...]
    answers: frozenset[str]
    asks: int = 1
    denies: int = 0
    team: UUID | None = None
    owner: UUID | None = None
    list: UUID | None = None

    @property
    def cheap(self) -> bool:
        """Whether it costs little: a share that is given may bring a profile that there was not."""
        return self.act != "share" or bool(self.denies)

    def todo(self, key: str) -> dict[str, Any]:
        """As the functions take it."""
        return {
            "key": key,
            "act": self.act,
            "ids": self.ids,
            "team": self.team,
            "owner": self.owner,
            "list": self.list,
        }


def questions(built: Built, world: World, account: Account, member: Member, says: Verdicts) -> Iterator[Question]:
    """What a member tries."""
    team = built.id("team", account.name, member.main) if member.main else None
    ids = {row.name: built.row(at, row.name) for at, row in world.rows}
    by_module: dict[str, list[str]] = {}
    owners = {row.name: built.user(row.owner) if row.owner else None for _, row in world.rows}
    for _, row in world.rows:
        by_module.setdefault(row.module, []).append(row.name)
    for module_name, names in by_module.items():
        module = REGISTRY.by_name[module_name]
        for act, (statement, _) in acts_of(module).items():
            asked = [name for name in names if (act, name) in says]
            # What is no UPDATE or DELETE says where there is no such row.
            by_function = statement.startswith(("perform", "insert"))
            allowed = [name for name in asked if says[act, name]]
            hidden = [name for name in asked if not says["view", name]]
            seen = [name for name in asked if says["view", name] and not says[act, name]]
            if by_function and hidden:
                # One is enough: each is a call of its own, and all end alike.
                hidden = [hidden[built.salt.bytes[0] % len(hidden)]]
            # Each is handed on as what it is; and whoever gives a share may have another profile then.
            groups = [[name] for name in allowed] if act in ("hand", "share") else [allowed] if allowed else []
            for group in groups:
                yield Question(
                    module_name,
                    act,
                    f"{act} {' '.join(group)}",
                    tuple(ids[name] for name in group),
                    frozenset({str(len(group))}),
                    len(group),
                    team=team,
                    owner=owners[group[0]],
                )
            if hidden:
                yield Question(
                    module_name,
                    act,
                    f"{act} {' '.join(hidden)}",
                    tuple(ids[name] for name in hidden),
                    HIDDEN if by_function else NOTHING,
                    len(hidden),
                    len(hidden),
                    team=team,
                )
            for name in seen:
                yield Question(
                    module_name,
                    act,
                    f"{act} {name}",
                    (ids[name],),
                    REFUSED if by_function else REFUSED | NOTHING,
                    denies=1,
                    team=team,
                    owner=owners[name],
                )
        yield from _without_rows(built, module, says)
    yield from _deliveries(built, account, says)


def _without_rows(built: Built, module: Module, says: Verdicts) -> Iterator[Question]:
    for act in ("create", "import"):
        if (act, module.name) in says:
            yes, sees = says[act, module.name], says.get(("see_new", module.name), True)
            answer = "1" if act == "import" else f"1 {int(sees)}"
            yield Question(
                module.name,
                act,
                f"{act} {module.name}" + f" and see it: {sees}" * (yes and act == "create"),
                (built.id("row", "new", f"{act} {module.name}"),),
                frozenset({answer}) if yes else REFUSED,
                denies=int(not yes),
            )


def _deliveries(built: Built, account: Account, says: Verdicts) -> Iterator[Question]:
    for (act, name), yes in says.items():
        if act != "deliver":
            continue
        mail, list_name = name.split(" to ")
        row = next(row for row in account.rows if row.name == mail)
        on_it = [contact for each, contact in account.listed if each == list_name]
        reached = [contact for contact in on_it if says["receive", f"{mail} by {contact} of {list_name}"]]
        ids = ",".join(sorted(str(built.row(account.name, contact)) for contact in reached))
        yield Question(
            row.module,
            act,
            f"send {name}, who reaches {' '.join(reached) or 'nobody'} of {' '.join(on_it)}",
            (built.row(account.name, mail),),
            frozenset({f"1 {len(on_it) - len(reached)} {{{ids}}}"}) if yes else REFUSED | HIDDEN | NOTHING | UNREACHED,
            1 + len(on_it),
            int(not yes) + len(on_it) - len(reached),
            list=built.row(account.name, list_name),
        )
