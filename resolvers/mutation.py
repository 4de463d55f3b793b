"""Root fields of mutations. Each is a transaction of its own; several in one document run in their order."""

from strawberry.types.field import StrawberryField

from schema.administration import ADMINISTRATION
from schema.administration.types import mutation_field
from schema.building import argument, field, object_type
from schema.inputs import input_name, mutation_name, payload_name, verbs
from schema.modules import REGISTRY
from schema.registry import Module

DESCRIPTIONS = {
    "create": "Create a row of {module}.",
    "update": "Change columns of a row of {module}. What is left out stays; null clears.",
    "delete": "Delete a row of {module}.",
    "assign": "Hand a row of {module} to another owner or team. What is left out stays.",
    "publish": "Put a row of {module} on the web.",
    "unpublish": "Take a row of {module} off the web.",
}


def module_fields(module: Module) -> list[StrawberryField]:
    """The mutations of a module."""
    return [
        field(
            mutation_name(verb, module),
            f"{payload_name(verb, module)} | None",
            DESCRIPTIONS[verb].format(module=module.name),
            [argument("input", input_name(verb, module), "What to do.")],
        )
        for verb in verbs(module)
    ]


Mutation = object_type(
    "Mutation",
    "What can be changed.",
    [
        *(each for module in REGISTRY.modules for each in module_fields(module)),
        *(mutation_field(mutation) for mutation in ADMINISTRATION.values()),
    ],
)
