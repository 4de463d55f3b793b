"""Importing many rows in one call: inputs and payloads, made from registry entries, and what is told of each row."""

from strawberry.types.field import StrawberryField

from schema.building import argument, enum_type, field, input_field, input_type, object_type, query_field
from schema.idempotency import key_field
from schema.inputs import column_input, links_to_set, owner_and_reach
from schema.modules import REGISTRY
from schema.names import pascal, plural_field
from schema.preview import DRY_RUN
from schema.registry import Module

# As the functions have it: of a call, and of its rows that the database refuses.
MOST_IMPORTED = 1_000
MOST_REFUSED = 100
LONGEST_SOURCE = 200
LONGEST_EXTERNAL_ID = 500
# In bytes, with the source.
LONGEST_KEY = 2_000

IMPORTED = tuple(module for module in REGISTRY.modules if "import" in module.action_names)

enum_type(
    "ImportOutcome",
    "What became of one row of an import.",
    {"CREATED": "CREATED", "UPDATED": "UPDATED", "UNCHANGED": "UNCHANGED", "REFUSED": "REFUSED"},
    {
        "CREATED": "There was none of its source and external id: it was made.",
        "UPDATED": "It was imported before, and has new values now.",
        "UNCHANGED": "It was imported before, and stays as it is: since it has these values, or since `update` was not"
        " said.",
        "REFUSED": "Nothing was done; `code` and `message` say why.",
    },
)
enum_type(
    "ImportRefusal",
    "Why one row of an import was refused.",
    {
        "BAD_USER_INPUT": "BAD_USER_INPUT",
        "CONFLICT": "CONFLICT",
        "FORBIDDEN": "FORBIDDEN",
        "NOT_FOUND": "NOT_FOUND",
    },
    {
        "BAD_USER_INPUT": "A value is missing or not acceptable; `fields` says where.",
        "CONFLICT": "There is such a row already, or somebody changes the same one.",
        "FORBIDDEN": "You may not do this: `action` is what is missing.",
        "NOT_FOUND": "What it refers to, or the row that has its external id, is hidden from you or was deleted.",
    },
)
object_type(
    "ImportedRow",
    "One row of an import, and what became of it.",
    [
        field("index", "int", "Where it stands in the input, counted from 0."),
        field("externalId", "str", "Its id at the source, as given."),
        field("outcome", "ImportOutcome", "What became of it."),
        field("id", "ID | None", "Id of the row, for `node`. Null where it was refused."),
        field("code", "ImportRefusal | None", "Why it was refused: stable, for programs. Else null."),
        field("message", "str | None", "Why it was refused, as a sentence for people. Else null."),
        field("module", "str | None", "The module of the action, or of the row, that is missing. Else null."),
        field("action", "str | None", "The action that is missing: create, update, assign. Else null."),
        field("fields", "list[str]", "Names of the fields whose values were refused, as in the input."),
    ],
)


def import_name(module: Module) -> str:
    """`importLandingPages`."""
    return f"import{pascal(module.name)}"


def _capital(module: Module) -> str:
    return f"Import{pascal(module.name)}"


def row_input_name(module: Module) -> str:
    """`ImportLandingPageRowInput`."""
    return f"Import{module.type_name}RowInput"


def import_types(module: Module) -> None:
    """Make the inputs and the payload."""
    rows = module.name
    input_type(
        row_input_name(module),
        f"A row of {rows} from elsewhere. Of a row that is new, what is left out is as in a row that you create; of one"
        " that was imported before, it stays.",
        [
            input_field(
                "externalId",
                "str",
                f"What it is known by at the source: at most {LONGEST_EXTERNAL_ID} characters, each row its own.",
            ),
            *(column_input(module, column, required=False) for column in module.inputs),
            *(
                [input_field("sensitive", f"{module.type_name}SensitiveInput | None", "What needs `view_sensitive`.")]
                if module.sensitive
                else []
            ),
            *owner_and_reach(module),
            *(
                input_field(
                    stem, "list[ID] | None", f"{relation.description} You have to see them. None is taken away."
                )
                for stem, relation in links_to_set(module)
            ),
        ],
    )
    input_type(
        f"{_capital(module)}Input",
        f"Rows of {rows}, and where they come from.",
        [
            input_field(
                "source",
                "str",
                f"Where the rows come from, such as `hubspot`: at most {LONGEST_SOURCE} characters. With the external"
                " id, it tells whether a row was imported before, also by `cloison import`, whose mappings name it.",
            ),
            input_field("rows", f"list[{row_input_name(module)}]", f"The rows, at most {MOST_IMPORTED:,}."),
            input_field(
                "update",
                "bool | None",
                "Whether rows that were imported before get the given values; it takes `update` on them. Their owners"
                " and teams stay. By default they stay as they are.",
            ),
            input_field(
                "partial",
                "bool | None",
                f"Whether to import what can be, and to say what is refused, up to {MOST_REFUSED} rows by the database."
                " By default it is all or nothing.",
            ),
            key_field(),
            input_field(
                DRY_RUN,
                "bool | None",
                "Whether to import nothing, and to say what would become of each row; by default false. Ids of rows"
                " that would be made are of this time alone.",
            ),
        ],
    )
    object_type(
        f"{_capital(module)}Payload",
        f"What {import_name(module)} did.",
        [
            field("created", "int", "How many rows are new."),
            field("updated", "int", "How many rows that were imported before have new values."),
            field("unchanged", "int", "How many rows that were imported before stay as they are."),
            field("refusedCount", "int", "How many rows were refused."),
            field("hidden", "int", "Of the created and updated rows, how many you do not see."),
            field("changedIds", "list[ID]", "Ids of the created and updated rows that you see now, in order."),
            field(plural_field(module), f"list[{module.type_name}] | None", "The same rows as they are now."),
            field("rows", "list[ImportedRow]", "What became of each row, in the order of the input."),
            query_field(),
        ],
    )


def import_field(module: Module) -> StrawberryField:
    """The root field."""
    return field(
        import_name(module),
        f"{_capital(module)}Payload | None",
        f"Bring rows of {module.name} in from elsewhere, each once: it takes `import`, and `create` for rows that are"
        " new. All of them or none, unless `partial` is true.",
        [argument("input", f"{_capital(module)}Input", "What to import.")],
    )
