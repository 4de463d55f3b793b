"""Errors that clients may see: a stable code, and a sentence on which they can act.

The docstring of a class is its default message.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, Self

BY_CODE: dict[str, type["GatewayError"]] = {}


class GatewayError(Exception):
    """The request cannot be answered."""

    code: ClassVar[str] = ""

    def __init_subclass__(cls) -> None:
        """Refuse two classes of one code: a code has one meaning."""
        if cls.code in BY_CODE:
            raise TypeError(f"{cls.__name__} repeats the code {cls.code} of {BY_CODE[cls.code].__name__}")
        BY_CODE[cls.code] = cls

    def __init__(self, message: str | None = None, **details: object) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.details = details
        super().__init__(self.message)

    @property
    def extensions(self) -> dict[str, object]:
        """What goes into `extensions` of the GraphQL error: the code, then the details that are known."""
        known = {name: value for name, value in self.details.items() if value is not None}
        return {"code": self.code, **known}

    def fresh(self) -> Self:
        """The same error, never raised before: one that is kept must not gather the frames of who raised it."""
        return self._made(self.message, self.details)

    def of_many(self, message: str, count: int, refused: Sequence[Mapping[str, object]]) -> Self:
        """The same error as that of a call for many rows: how many are refused, and some of them."""
        kept = {name: value for name, value in self.details.items() if name not in ("field", "fields")}
        return self._made(message, {**kept, "refused": refused, "refusedCount": count})

    def _made(self, message: str, details: Mapping[str, object]) -> Self:
        made = type(self).__new__(type(self))
        GatewayError.__init__(made, message, **details)
        return made


class Unauthenticated(GatewayError):
    """Sign in: the token is missing, expired, or not that of an active member of this account."""

    code = "UNAUTHENTICATED"


class Unavailable(GatewayError):
    """The service cannot answer at the moment. Try again in a few seconds."""

    code = "UNAVAILABLE"


class Forbidden(GatewayError):
    """Your permissions do not include this action."""

    code = "FORBIDDEN"

    def __init__(
        self,
        message: str | None = None,
        *,
        module: str | None = None,
        action: str | None = None,
        requestable: bool = True,
        tier: str | None = None,
        hubs: list[str] | None = None,
        refused: Sequence[Mapping[str, str]] | None = None,
        refused_count: int | None = None,
    ) -> None:
        if message is None and module and action:
            message = f"Your permissions do not include '{action}' on {module}. You can request it."
        super().__init__(
            message,
            module=module,
            action=action,
            requestable=requestable,
            tier=tier,
            hubs=hubs,
            refused=refused,
            refusedCount=refused_count,
        )


class NotFound(GatewayError):
    """There is no such row, or you may not see it."""

    code = "NOT_FOUND"

    def __init__(
        self,
        message: str | None = None,
        *,
        module: str | None = None,
        field: str | None = None,
        requestable: bool = True,
        refused: Sequence[Mapping[str, str]] | None = None,
        refused_count: int | None = None,
    ) -> None:
        super().__init__(
            message,
            module=module,
            field=field,
            requestable=requestable,
            refused=refused,
            refusedCount=refused_count,
        )


class BadUserInput(GatewayError):
    """The input is not acceptable."""

    code = "BAD_USER_INPUT"

    def __init__(self, message: str | None = None, *, fields: Mapping[str, str] | None = None) -> None:
        if message is None and fields:
            message = "; ".join(f"{name}: {reason}" for name, reason in fields.items())
        super().__init__(message, fields=dict(fields) if fields else None)


class Conflict(GatewayError):
    """The change contradicts the present state. Read it again, then retry."""

    code = "CONFLICT"


class LimitExceeded(GatewayError):
    """The request goes beyond a limit of this service."""

    code = "LIMIT_EXCEEDED"

    def __init__(
        self,
        limit: str,
        value: float | None = None,
        actual: float | None = None,
        message: str | None = None,
    ) -> None:
        if message is None:
            allowed = "" if value is None else f": at most {value} allowed"
            found = "" if actual is None else f", found {actual}"
            message = f"The request goes beyond the limit '{limit}'{allowed}{found}."
        super().__init__(message, limit=limit, value=value, actual=actual)


class Internal(GatewayError):
    """Something went wrong on our side. Quote the id when you report it."""

    code = "INTERNAL"

    def __init__(self, id: str, message: str | None = None) -> None:  # noqa: A002 (the extension is called `id`)
        super().__init__(message, id=id)
