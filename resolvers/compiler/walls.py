"""What the arguments of `whyEmpty` bring."""

from typing import Any

from resolvers.compiler.arguments import Asker, Bound, Site
from resolvers.compiler.conditions import MEMBER, uuid_of
from schema.errors import BadUserInput
from schema.modules import REGISTRY


class WhyEmptySite(Site):
    """`whyEmpty(member:, module:)`."""

    def read(self, values: dict[str, Any], asker: Asker) -> Bound:  # noqa: ARG002
        """The member's uuid, and the name of a module; whether they may be asked about, the database knows."""
        module = values["module"]
        if module not in REGISTRY.by_name:
            reason = "is no module with rows"
            raise BadUserInput(f"module: {reason}", fields={"module": reason})
        return Bound(None, [uuid_of(values["member"], MEMBER, "member"), module])
