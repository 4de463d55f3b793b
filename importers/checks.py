"""What a mapping must hold beyond its types: names that exist, columns that the module has, capabilities that are."""

from collections.abc import Iterator
from zoneinfo import available_timezones

from importers.mapping import Expression, Mapping, Members, Role, Rows, Teams
from schema.modules import REGISTRY
from schema.registry import Column, Module, Scope, Type

WHOLE_NUMBERS = (Type.INTEGER, Type.BIGINT)


def problems(mapping: Mapping) -> Iterator[str]:
    """Every problem, as the key and a sentence; nothing when the mapping can be followed."""
    for index, role in enumerate(mapping.roles):
        yield from _role(role, located("roles", index))
    for index, teams in enumerate(mapping.teams):
        yield from _people(mapping, teams, located("teams", index))
    for index, members in enumerate(mapping.members):
        yield from _people(mapping, members, located("members", index))
    for index, rows in enumerate(mapping.rows):
        yield from _rows(mapping, rows, located("rows", index))
    for name, source in mapping.sources.items():
        for column in source.replace:
            if source.columns is not None and column not in source.columns:
                yield f"{located('sources', name, 'replace', column)}: is none of the source's columns"


def located(*loc: str | int) -> str:
    """A key as its writer would say it: `rows[0].columns.name`."""
    text = ""
    for step in loc:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.removeprefix(".") or "the file"


def _role(role: Role, where: str) -> Iterator[str]:
    catalogue = {(module, action): on_rows for module, action, on_rows in REGISTRY.catalogue()}
    modules = {module for module, _ in catalogue}
    for index, capability in enumerate(role.capabilities):
        here = f"{where}.capabilities[{index}]"
        for scope in capability.scopes:
            if scope not in tuple(Scope):
                yield f"{here}.scopes: {scope!r} is none of {', '.join(Scope)}"
        for module in capability.modules:
            if module not in modules:
                yield f"{here}.modules: there is no module or tool {module!r}"
                continue
            for action in capability.actions:
                on_rows = catalogue.get((module, action))
                if on_rows is None:
                    yield f"{here}.actions: {module} has no action {action!r}"
                elif on_rows and not capability.scopes:
                    yield f"{here}.scopes: {action} on {module} needs at least one scope"
                elif not on_rows and capability.scopes:
                    yield f"{here}.scopes: {action} on {module} concerns no row and takes no scope"


def _people(mapping: Mapping, block: Teams | Members, where: str) -> Iterator[str]:
    named: dict[str, Expression | None] = {"name": block.name, "key": block.key}
    if isinstance(block, Teams):
        named["parent"] = block.parent
    else:
        named |= {"email": block.email, "team": block.team}
        named |= {f"extra_teams[{index}]": extra for index, extra in enumerate(block.extra_teams)}
    for key, expression in named.items():
        if expression is not None:
            yield from _expression(mapping, block.source, expression, f"{where}.{key}")
            yield from _options(expression, Type.TEXT, f"{where}.{key}")
    if block.source is not None and block.source not in mapping.sources:
        yield f"{where}.source: there is no [sources.{block.source}]"


def _rows(mapping: Mapping, rows: Rows, where: str) -> Iterator[str]:
    if rows.source not in mapping.sources:
        yield f"{where}.source: there is no [sources.{rows.source}]"
    module = REGISTRY.by_name.get(rows.module)
    if module is None or "import" not in module.action_names:
        importable = (each.name for each in REGISTRY.modules if "import" in each.action_names)
        yield f"{where}.module: {rows.module!r} is none of {', '.join(importable)}"
        return
    if rows.open_to_all and rows.team is not None:
        yield f"{where}.team: a row that is open to all has no team"
    for key, expression in (("key", rows.key), ("owner", rows.owner), ("team", rows.team)):
        if expression is not None:
            yield from _expression(mapping, rows.source, expression, f"{where}.{key}")
            yield from _options(expression, Type.TEXT, f"{where}.{key}")
    yield from _columns(mapping, module, rows, where)
    known = {relation.name: relation for relation in module.to_many}
    for name, links in rows.links.items():
        if name not in known:
            offered = f", but {', '.join(known)}" if known else ""
            yield f"{where}.links.{name}: {module.name} have no such relation{offered}"
        yield from _expression(mapping, rows.source, links.keys, f"{where}.links.{name}.keys")


def _columns(mapping: Mapping, module: Module, rows: Rows, where: str) -> Iterator[str]:
    writable = {column.name: column for column in (*module.inputs, *module.sensitive)}
    for name, expression in rows.columns.items():
        here = f"{where}.columns.{name}"
        column = writable.get(name)
        if column is None:
            yield f"{here}: {module.name} have no such column to import into, but {', '.join(writable)}"
            continue
        yield from _expression(mapping, rows.source, expression, here)
        yield from _options(expression, column.type, here)
        yield from _choices(mapping, column, expression, here)
    for column in module.inputs:
        if column.required and column.default is None and column.name not in rows.columns:
            yield f"{where}.columns: {module.name} need {column.name}"


def _expression(mapping: Mapping, source: str | None, expression: Expression, where: str) -> Iterator[str]:
    columns = mapping.sources[source].columns if source in mapping.sources else None
    for alternative in expression.alternatives():
        if alternative.lookup is not None and alternative.lookup not in mapping.lookups:
            yield f"{where}.lookup: there is no [lookups.{alternative.lookup}]"
        for name in alternative.fields:
            if source is None:
                yield f"{where}: reads the column {name!r}, but no source is named"
            elif columns is not None and name not in columns:
                yield f"{where}: {name!r} is none of the columns of [sources.{source}]"


def _options(expression: Expression, kind: Type, where: str) -> Iterator[str]:
    for alternative in expression.alternatives():
        numeric = alternative.multiply is not None or alternative.group_mark is not None
        numeric = numeric or alternative.decimal_mark != "."
        if numeric and kind not in WHOLE_NUMBERS:
            yield f"{where}: multiply, decimal_mark and group_mark are for whole numbers; this is {kind}"
        if alternative.format is not None and kind not in (Type.DATE, Type.TIMESTAMP):
            yield f"{where}.format: is for dates and times; this is {kind}"
        if alternative.zone is not None:
            if kind is not Type.TIMESTAMP:
                yield f"{where}.zone: is for times; this is {kind}"
            elif alternative.zone not in available_timezones():
                yield f"{where}.zone: there is no time zone {alternative.zone!r}"


def _choices(mapping: Mapping, column: Column, expression: Expression, where: str) -> Iterator[str]:
    if not column.choices:
        return
    for alternative in expression.alternatives():
        given = [alternative.value] if alternative.value is not None else []
        if alternative.field is not None and alternative.lookup is not None and not alternative.lower:
            given += mapping.lookups.get(alternative.lookup, {}).values()
        for value in given:
            if value not in column.choices:
                yield f"{where}: {value!r} is none of {', '.join(column.choices)}"
