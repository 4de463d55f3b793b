"""What the arguments of `members` bring."""

from typing import Any

from resolvers.compiler import plan
from resolvers.compiler.arguments import Asker, Bound, ConnectionSite, page_size
from resolvers.compiler.catalogue import ENTITIES
from resolvers.compiler.conditions import LONGEST_TEXT, Parameters
from resolvers.compiler.cursors import seal_of
from schema.errors import BadUserInput

BY_NAME = (plan.SortKey("name", "text", descending=False, nullable=False),)


class MembersSite(ConnectionSite):
    """A page of members, by name."""

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:
        """The page, and the values of its condition and cursors; the first value is the seal."""
        parameters = Parameters(self.number)
        size, backward = page_size(values.get("first"), values.get("last"))
        seal = seal_of(ENTITIES["Member"].source, BY_NAME)
        seal_parameter = parameters.add(seal, "bytea")
        condition = self._condition(values.get("search"), parameters)
        after, before = self.positions(values, BY_NAME, seal.key(asker.secret, asker.identity), parameters)
        page = plan.Page(condition, BY_NAME, size, backward, after, before, seal_parameter, sorts=True)
        return Bound(page, parameters.values)

    @staticmethod
    def _condition(search: str | None, parameters: Parameters) -> plan.Condition:
        if not search:
            return plan.All()
        if "\0" in search or len(search) > LONGEST_TEXT:
            reason = f"at most {LONGEST_TEXT} characters, none of them U+0000"
            raise BadUserInput(f"search: {reason}", fields={"search": reason})
        sought = parameters.add(search, "text")
        return plan.AnyOf((plan.Substring("name", sought, None), plan.Substring("email", sought, None)))
