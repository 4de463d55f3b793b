"""Which connections lead from a module to others: its own pairs, and the far ends of others' relations."""

from dataclasses import dataclass

from schema.registry import Module, Registry


@dataclass(frozen=True, slots=True)
class Link:
    """Many rows of `target` for one row of the module.

    Without `through`, `far` is the column of the target that holds this row's id. With it, `through` is the table of
    pairs, `near` its column for this row, `far` its column for the target's.
    """

    name: str
    target: Module
    far: str
    description: str
    through: str | None = None
    near: str | None = None


def links_of(module: Module, registry: Registry) -> tuple[Link, ...]:
    """Connections of a module's rows, in the order of the registry."""
    found = [
        Link(
            relation.name,
            registry.by_name[relation.target],
            relation.target_column,
            relation.description,
            through=f"crm.{relation.through}",
            near=relation.column,
        )
        for relation in module.to_many
    ]
    for other in registry.modules:
        found += [
            Link(relation.inverse, other, relation.column, relation.inverse_description)
            for relation in other.to_one
            if relation.target == module.name and relation.inverse
        ]
        found += [
            Link(
                relation.inverse,
                other,
                relation.column,
                relation.inverse_description,
                through=f"crm.{relation.through}",
                near=relation.target_column,
            )
            for relation in other.to_many
            if relation.target == module.name
        ]
    return tuple(found)
