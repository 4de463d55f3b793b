"""People and teams of the account, as far as the viewer knows them."""

from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.building import NAMES
from schema.types.node import Node

if TYPE_CHECKING:
    from schema.types.administration import Role


@strawberry.type(description="A user of the account whom you may know.")
class Person(Node):
    """A member of the account: owner, creator, colleague."""

    name: str = strawberry.field(description="Full name.")
    email: str = strawberry.field(description="E-mail address with which the person signs in.")


@strawberry.type(description="A team of the account that you may know.")
class Team(Node):
    """Teams form a tree; members of a parent reach what its descendants hold."""

    name: str = strawberry.field(description="Name of the team.")
    parent: Annotated["Team", strawberry.lazy("schema.types.people")] | None = strawberry.field(
        description="The team above. Null at the top, or where you do not know it."
    )
    children: list[Annotated["Team", strawberry.lazy("schema.types.people")]] = strawberry.field(
        description="The teams right below that you know, by name."
    )
    roles: list[Annotated["Role", strawberry.lazy("schema.types.administration")]] | None = strawberry.field(
        description="Roles that its members hold beside their own. Null, with an error, where you may not view roles."
    )


NAMES.update(Person=Person, Team=Team)
