"""What the arguments of people bring who need not be members: a call of a function of the gateway's login."""

from typing import Any, NamedTuple

from resolvers.compiler.arguments import Asker, Bound, Site
from resolvers.compiler.keys import unfit
from schema.errors import BadUserInput
from schema.idempotency import KEY
from schema.persons import ACCEPT, SUBSCRIBE, TOKEN

LONGEST = {TOKEN: 200, "slug": 63, "name": 300}


class PersonCall(NamedTuple):
    """A mutation of a person, with its arguments."""

    mutation: str
    values: list[Any]


class PersonSite(Site):
    """`acceptInvitation` or `subscribeAccount`. As with other mutations, the second value is what to do."""

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:  # noqa: ARG002
        """The call; BadUserInput names every field that is not acceptable."""
        given = values["input"]
        refused = {
            name: f"at most {longest} characters, none of them U+0000"
            for name, longest in LONGEST.items()
            if name in given and (len(given[name]) > longest or "\0" in given[name])
        }
        key = given.get(KEY)
        if key is not None and (reason := unfit(key)):
            refused[KEY] = reason
        if refused:
            raise BadUserInput(fields=refused)
        if TOKEN in given:
            return Bound(ACCEPT, [None, PersonCall(ACCEPT, [given[TOKEN]])])
        return Bound(SUBSCRIBE, [None, PersonCall(SUBSCRIBE, [given["slug"], given["name"], key])])
