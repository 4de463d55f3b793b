"""What the arguments of `members` and `jobs` bring."""

from typing import Any

from resolvers.compiler import plan
from resolvers.compiler.arguments import Asker, Bound, ConnectionSite, page_size
from resolvers.compiler.catalogue import ENTITIES
from resolvers.compiler.conditions import LONGEST_TEXT, Parameters
from resolvers.compiler.cursors import seal_of
from schema.errors import BadUserInput

BY_NAME = (plan.SortKey("name", "text", descending=False, nullable=False),)
BY_AGE = (plan.SortKey("created_at", "timestamptz", descending=True, nullable=False),)


class DirectorySite(ConnectionSite):
    """A page of a list that has one order."""

    source: str
    order: tuple[plan.SortKey, ...]

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:
        """The page, and the values of its condition and cursors; the first value is the seal."""
        parameters = Parameters(self.number)
        size, backward = page_size(values.get("first"), values.get("last"))
        seal = seal_of(self.source, self.order)
        seal_parameter = parameters.add(seal, "bytea")
        condition = self._condition(values, parameters)
        after, before = self.positions(values, self.order, seal.key(asker.secret, asker.identity), parameters)
        page = plan.Page(condition, self.order, size, backward, after, before, seal_parameter, sorts=True)
        return Bound(page, parameters.values)

    def _condition(self, values: dict[str, Any], parameters: Parameters) -> plan.Condition:  # noqa: ARG002
        return plan.All()


class JobsSite(DirectorySite):
    """A page of jobs, the youngest first."""

    source = ENTITIES["Job"].source
    order = BY_AGE


class MembersSite(DirectorySite):
    """A page of members, by name."""

    source = ENTITIES["Member"].source
    order = BY_NAME

    def _condition(self, values: dict[str, Any], parameters: Parameters) -> plan.Condition:
        search = values.get("search")
        if not search:
            return plan.All()
        if "\0" in search or len(search) > LONGEST_TEXT:
            reason = f"at most {LONGEST_TEXT} characters, none of them U+0000"
            raise BadUserInput(f"search: {reason}", fields={"search": reason})
        sought = parameters.add(search, "text")
        return plan.AnyOf((plan.Substring("name", sought, None), plan.Substring("email", sought, None)))
