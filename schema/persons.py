"""What people ask who have signed in, and need not be members: their accounts, and how they get into one."""

from strawberry.types.field import StrawberryField

from schema.building import argument, field, input_field, input_type, object_type
from schema.idempotency import key_field

MY_ACCOUNTS = "myAccounts"
ACCEPT = "acceptInvitation"
SUBSCRIBE = "subscribeAccount"
SUMMARY = "AccountSummary"

TOKEN = "token"  # noqa: S105 (the name of a field)


def person_types() -> None:
    """Make the inputs and payloads, and the account as they tell of it: no member's session stands behind them."""
    object_type(
        SUMMARY,
        "An account as it is told to who has no session in it yet.",
        [
            field("id", "ID", "Identifies the account, as of `Account`."),
            field("slug", "str", "Short name, by which requests choose the account."),
            field("name", "str", "Full name."),
            field("kind", "AccountKind", "What the account is to the service."),
        ],
    )
    input_type(
        "AcceptInvitationInput",
        "Which invitation to accept.",
        [input_field(TOKEN, "str", "The token from the link of the e-mail.")],
    )
    input_type(
        "SubscribeAccountInput",
        "The account to make.",
        [
            input_field(
                "slug",
                "str",
                "Short name by which requests choose the account: 1 to 63 of a-z, 0-9 and -, not - at its ends. No"
                " other account has it, and whoever asks for one that is taken learns that it is.",
            ),
            input_field("name", "str", "Name that people see. At most 300 characters."),
            key_field(),
        ],
    )
    for name, text in ((ACCEPT, "The account whose member you are now."), (SUBSCRIBE, "The account, which you own.")):
        stem = name[0].upper() + name[1:]
        object_type(f"{stem}Payload", f"What {name} did.", [field("account", SUMMARY, text)])


def person_query() -> StrawberryField:
    """The accounts of who asks."""
    return field(
        MY_ACCOUNTS,
        f"list[{SUMMARY}]",
        "The accounts in which you can act now, by name, whichever this request names. You need to have signed in, and"
        " need not be a member of any.",
    )


def person_mutations() -> list[StrawberryField]:
    """How one gets into an account."""
    return [
        field(
            ACCEPT,
            "AcceptInvitationPayload | None",
            "Become a member of the account to which you are invited: with the token of the invitation, signed in with"
            " the address to which it was sent. A token that is unknown, another's, revoked, over or used is NOT_FOUND."
            " Doing it again gives the same answer.",
            [argument("input", "AcceptInvitationInput", "What to do.")],
        ),
        field(
            SUBSCRIBE,
            "SubscribeAccountPayload | None",
            "Make an account, and be its owner and super admin. FORBIDDEN where this service leaves that to its"
            " operators.",
            [argument("input", "SubscribeAccountInput", "What to do.")],
        ),
    ]
