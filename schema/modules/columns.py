"""Columns as modules mostly have them, in few words."""

from typing import Any

from schema.registry import Column, Type


def label(name: str, description: str, max_length: int = 300) -> Column:
    """What a row is called: required, searched and ordered by."""
    return Column(name, Type.TEXT, description, required=True, max_length=max_length, searchable=True, sortable=True)


def text(name: str, description: str, max_length: int = 200, **more: Any) -> Column:
    """A short text."""
    return Column(name, Type.TEXT, description, max_length=max_length, **more)


def prose(name: str, description: str, max_length: int = 50_000) -> Column:
    """A long text, by which nothing is filtered."""
    return Column(name, Type.TEXT, description, max_length=max_length, filterable=False)


def lowercase(name: str, description: str, max_length: int, **more: Any) -> Column:
    """A text that is kept in lower case, as addresses are."""
    return Column(name, Type.TEXT, f"{description}, kept in lower case.", max_length=max_length, lowercase=True, **more)


def choice(name: str, description: str, choices: str, default: str | None = None, **more: Any) -> Column:
    """One of few words; required where it has a default."""
    return Column(
        name,
        Type.TEXT,
        description,
        required=default is not None,
        choices=tuple(choices.split()),
        default=default,
        sortable=True,
        **more,
    )


def state(name: str, description: str, choices: str, action: str, *meanings: str) -> Column:
    """What an action changes and nothing else does; a row begins with the first choice."""
    first, _, _ = choices.partition(" ")
    return choice(name, description, choices, first, action=action, writable=False, meanings=meanings)


def since(name: str, description: str, column: str, value: str, action: str) -> Column:
    """When a column last took a value; the database sets it."""
    return Column(
        name, Type.TIMESTAMP, description, writable=False, sortable=True, action=action, since=(column, value)
    )


def published(what: str) -> tuple[Column, Column]:
    """Whether a row is on the web, and since when."""
    return (
        state(
            "status",
            f"Whether the {what} is published: changed by the mutations publish... and unpublish..., and by nothing "
            "else.",
            "draft published",
            "publish",
            f"The {what} is in the making, or was taken off: visitors do not see it, and whoever holds `update` "
            "changes it.",
            f"The {what} is out. It is changed by who holds `update` and the action that publishes it there.",
        ),
        since(
            "published_at", "When it was last published; stays when it is taken off.", "status", "published", "publish"
        ),
    )


def destination(what: str) -> Column:
    """Where a row is published; named by whoever publishes it."""
    return choice(
        "destination",
        f"Where the {what} is published, named by whoever publishes it. Null while it is a draft.",
        "internal public",
        action="publish",
        writable=False,
        meanings=(
            f"The {what} is for colleagues alone: `publish_internal` is enough to publish it and to take it off.",
            f"The {what} is for everybody on the web: to publish it and to take it off needs `publish`.",
        ),
    )


def activated(what: str) -> tuple[Column, Column]:
    """Whether something runs, and since when."""
    return (
        state(
            "status",
            f"Whether the {what} runs: changed by the mutations activate... and deactivate..., and by nothing else.",
            "inactive active",
            "activate",
            f"The {what} does nothing: it was never activated, or was stopped.",
            f"The {what} runs, and whoever runs such things carries it out.",
        ),
        since("activated_at", "When it was last activated; stays when it is stopped.", "status", "active", "activate"),
    )


def connected(description: str) -> Column:
    """The account outside through which a row works."""
    return text("connected_account", description, 320, action="connect", writable=False)


def money(name: str, description: str) -> Column:
    """An amount."""
    return Column(
        name, Type.BIGINT, f"{description}, in hundredths of the account's currency.", minimum=0, sortable=True
    )


def whole(name: str, description: str, maximum: int | None = None) -> Column:
    """A whole number, not negative."""
    return Column(name, Type.INTEGER, description, minimum=0, maximum=maximum, sortable=True)


def day(name: str, description: str, **more: Any) -> Column:
    """A date."""
    return Column(name, Type.DATE, description, sortable=True, **more)


def moment(name: str, description: str, **more: Any) -> Column:
    """A point in time."""
    return Column(name, Type.TIMESTAMP, description, sortable=True, **more)


def reference(name: str, description: str, **more: Any) -> Column:
    """The id of a row of another module; a relation says of which."""
    return Column(name, Type.UUID, description, **more)
