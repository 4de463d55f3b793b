"""People and teams of the account, as far as the viewer knows them."""

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import strawberry

from schema.building import NAMES
from schema.types.node import Node

if TYPE_CHECKING:
    from schema.types.administration import Role


@strawberry.type(description="A user of the account whom you may know.")
class Person(Node):
    """A member of the account: owner, creator, colleague."""

    name: str = strawberry.field(description="Full name, as the account calls the person.")
    email: str = strawberry.field(description="E-mail address with which the person signs in.")


@strawberry.type(description="A team of the account that you may know.")
class Team(Node):
    """Teams form a tree; members of a parent reach what its descendants hold."""

    name: str = strawberry.field(description="Name of the team, as members know it.")
    parent: Annotated["Team", strawberry.lazy("schema.types.people")] | None = strawberry.field(
        description="The team above. Null at the top, or where you do not know it."
    )
    children: list[Annotated["Team", strawberry.lazy("schema.types.people")]] = strawberry.field(
        description="The teams right below that you know, by name."
    )
    roles: list[Annotated["Role", strawberry.lazy("schema.types.administration")]] | None = strawberry.field(
        description="Roles that its members hold beside their own. Null, with an error, where you may not view roles."
    )


@strawberry.type(description="A single row shared with a user or a team, beyond what roles and teams reach.")
class Share:
    """It gives no action that the receiver's role does not know."""

    id: strawberry.ID = strawberry.field(
        description="Identifies the share; another one that replaces it has another id."
    )
    user: Person | None = strawberry.field(
        description="The user who has it. Null when a team has it, or you do not know them."
    )
    team: Team | None = strawberry.field(
        description="The team that has it, with all teams above. Null when a user has it, or you do not know it."
    )
    actions: list[str] = strawberry.field(description="For what the row is shared: view, update...")
    reason: str | None = strawberry.field(description="Why, in the words of who gave it. Null when none was given.")
    given_by: Person | None = strawberry.field(description="Who gave it. Null when you do not know them.")
    since: dt.datetime = strawberry.field(description="When it was given, from which moment on it is in force.")
    until: dt.datetime | None = strawberry.field(description="When it ends by itself; null: never.")


NAMES.update(Person=Person, Team=Team, Share=Share)
