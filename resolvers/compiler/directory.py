"""What the arguments of `members`, `invitations` and `jobs` bring."""

from typing import Any, ClassVar

from resolvers.compiler import plan
from resolvers.compiler.arguments import Asker, Bound, ConnectionSite, page_size
from resolvers.compiler.catalogue import ENTITIES
from resolvers.compiler.conditions import LONGEST_TEXT, Parameters, plain
from resolvers.compiler.cursors import seal_of
from schema.errors import BadUserInput


class DirectorySite(ConnectionSite):
    """A page of what is of no module, in an order of its own."""

    type_name: ClassVar[str]
    order: ClassVar[tuple[plan.SortKey, ...]]

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:
        """The page, and the values of its condition and cursors; the first value is the seal."""
        parameters = Parameters(self.number)
        size, backward = page_size(values.get("first"), values.get("last"))
        seal = seal_of(ENTITIES[self.type_name].source, self.order)
        seal_parameter = parameters.add(seal, "bytea")
        condition = self.condition(values, parameters)
        after, before = self.positions(values, self.order, seal.key(asker.secret, asker.identity), parameters)
        page = plan.Page(condition, self.order, size, backward, after, before, seal_parameter, sorts=True)
        return Bound(page, parameters.values)

    def condition(self, values: dict[str, Any], parameters: Parameters) -> plan.Condition:  # noqa: ARG002
        """Which rows the list has."""
        return plan.All()


class JobsSite(DirectorySite):
    """A page of jobs, the youngest first."""

    type_name = "Job"
    order = (plan.SortKey("created_at", "timestamptz", descending=True, nullable=False),)


class MembersSite(DirectorySite):
    """A page of members, by name."""

    type_name = "Member"
    order = (plan.SortKey("name", "text", descending=False, nullable=False),)

    def condition(self, values: dict[str, Any], parameters: Parameters) -> plan.Condition:
        """Those whose name or address contains what is sought."""
        search: str | None = values.get("search")
        if not search:
            return plan.All()
        if "\0" in search or len(search) > LONGEST_TEXT:
            reason = f"at most {LONGEST_TEXT} characters, none of them U+0000"
            raise BadUserInput(f"search: {reason}", fields={"search": reason})
        sought = parameters.add(search, "text")
        return plan.AnyOf((plan.Substring("name", sought, None), plan.Substring("email", sought, None)))


class InvitationsSite(DirectorySite):
    """A page of invitations, the newest first."""

    type_name = "Invitation"
    order = (plan.SortKey("invited_at", "timestamptz", descending=True, nullable=False),)

    def condition(self, values: dict[str, Any], parameters: Parameters) -> plan.Condition:
        """Those of which something became."""
        status = plain(values.get("status"))
        return plan.All() if status is None else plan.Compare("status", "=", parameters.add(status, "text"))
