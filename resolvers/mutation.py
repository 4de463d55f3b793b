"""Root fields of mutations. Each is a transaction of its own; several in one document run in their order."""

from strawberry.types.field import StrawberryField

from schema.administration import CALLS
from schema.administration.types import mutation_field
from schema.assignments import ASSIGNED, assignment_field
from schema.building import argument, field, object_type
from schema.imports import IMPORTED, import_field
from schema.inputs import input_name, mutation_name, payload_name
from schema.modules import REGISTRY
from schema.names import camel
from schema.persons import person_mutations
from schema.registry import Module
from schema.verbs import turns, verbs

DESCRIPTIONS = {
    "create": "Create a row of {module}.",
    "update": "Change columns of a row of {module}. What is left out stays; null clears.",
    "delete": "Delete a row of {module}: it goes to the trash, with what belongs to it.",
    "restore": "Bring a deleted row of {module} back, with what belonged to it, and link it again where it was. It "
    "takes `delete` on the row as it was. It comes back neither published nor active nor connected; what was sent "
    "stays sent; its shares have ended.",
    "purge": "Remove a deleted row of {module} from the trash for good, with what belonged to it. It takes `delete` on "
    "the row as it was.",
    "assign": "Hand a row of {module} to another owner or team. What is left out stays.",
    "clone": "Copy a row of {module}: the copy is yours, starts where your rows start, and is restricted if the "
    "original is. What you may not see is not copied, nor what has an action of its own (whether it is published, "
    "sent, active or connected, and where), nor what the row is paired with.",
    "share": "Share one row of {module} with a user or a team, for some actions, until an end or for good. It takes "
    "`assign` on the row.",
    "unshare": "End the share of one row of {module}: by who gave it, who got it, or who may `assign` the row.",
    "publish": "Put a row of {module} on the web.",
    "unpublish": "Take a row of {module} off the web.",
    "send": "Say that a row of {module} is sent.",
    "connect": "Say through which account outside a row of {module} works.",
    "disconnect": "Let a row of {module} work through no account outside.",
    "activate": "Let a row of {module} run.",
    "deactivate": "Stop a row of {module}.",
}
# Where it is said to where.
SOMEWHERE = {
    "publish": "Publish a row of {module}, for colleagues (`INTERNAL`) or for everybody (`PUBLIC`).",
    "send": "Send a row of {module} to a list, once: whoever comes second is answered CONFLICT. It goes to those on "
    "the list whom you may view, as it is now, and is not changed any more. It is not sent, nor used up, where it "
    "would reach nobody (CONFLICT), or where the list is a dynamic one, of which the database does not know who is on "
    "it (BAD_USER_INPUT on `contactListId`).",
}


def _in_its_state(module: Module) -> str:
    """What changing a row needs, or that it is not done, because of where it is."""
    said = ""
    if module.shown:
        narrower = f" (or `{module.narrower}`, where that is for colleagues alone)" if module.narrower else ""
        said += (
            f" What is published is changed by who also holds `{module.shown.action}` for it{narrower}: else FORBIDDEN."
        )
    for state, _ in module.done:
        if state.choices[1:-1]:
            said += f" What is about to go out is changed by who also holds `{state.action}` for it."
        names = [camel(column.name) for column in module.content if column.afterwards]
        names += [f"sensitive.{camel(column.name)}" for column in module.sensitive if column.afterwards]
        later = ", ".join(f"`{name}`" for name in names)
        said += f" Of what was sent, {f'nothing but {later}' if later else 'nothing'} is changed by anybody: CONFLICT."
    return f"{said} `access.canUpdate` tells." if said else ""


def described(verb: str, module: Module) -> str:
    """What a mutation does."""
    turn = turns(module).get(verb)
    to_somewhere = turn is not None and module.destination is not None and bool(turn.named) and verb in SOMEWHERE
    said = (SOMEWHERE if to_somewhere else DESCRIPTIONS)[verb].format(module=module.name)
    return said + _in_its_state(module) if verb == "update" else said


def module_fields(module: Module) -> list[StrawberryField]:
    """The mutations of a module."""
    return [
        field(
            mutation_name(verb, module),
            f"{payload_name(verb, module)} | None",
            described(verb, module),
            [argument("input", input_name(verb, module), "What to do.")],
        )
        for verb in verbs(module)
    ]


Mutation = object_type(
    "Mutation",
    "What can be changed.",
    [
        *(each for module in REGISTRY.modules for each in module_fields(module)),
        *(assignment_field(module) for module in ASSIGNED),
        *(import_field(module) for module in IMPORTED),
        *(mutation_field(mutation) for mutation in CALLS.values()),
        *person_mutations(),
    ],
)
