"""Keys with which a mutation is done once, however often it is sent."""

from strawberry.types.field import StrawberryField

from schema.building import input_field

KEY = "idempotencyKey"
LONGEST_KEY = 255


def key_field() -> StrawberryField:
    """The field of the inputs of mutations that create or send."""
    return input_field(
        KEY,
        "str | None",
        f"A text of your own, of up to {LONGEST_KEY} characters, new for each thing that you do (a UUID). Sent again"
        " with the same input within 48 hours, nothing is done again, and what was done is answered; with another"
        " input, it is BAD_USER_INPUT.",
    )
