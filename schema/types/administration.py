"""How access is set up: roles, members, and what they have."""

import datetime as dt
from enum import Enum

import strawberry

from schema.administration import CALLS
from schema.administration.types import ExceptionEffect, mutation_types
from schema.building import NAMES
from schema.connections import connection_types_of
from schema.types.node import Node
from schema.types.people import Person, Team

NEEDS_ROLES = "Null, with an error, where you may not view roles."


@strawberry.enum(description="Whether a member may act.")
class MemberStatus(Enum):
    """Who is removed is no member."""

    ACTIVE = strawberry.enum_value("active", description="The member may act.")
    DEACTIVATED = strawberry.enum_value("deactivated", description="The member is shut out, and keeps everything.")


@strawberry.type(description="An action that a role holds.")
class RoleCell:
    """As it was granted: what follows from it (every action brings `view`) is not among the cells."""

    module: str = strawberry.field(description="Name of the module or tool, as in error extensions: landing_pages.")
    action: str = strawberry.field(description="Name of the action, as in error extensions: view, update, publish.")
    scopes: list[str] = strawberry.field(
        description="On which rows: all, team, owned, created, unassigned. For an action that concerns no row, all."
    )


@strawberry.type(description="What members of the account hold.")
class Role(Node):
    """A built-in role can be cloned, not changed."""

    name: str = strawberry.field(description="Name of the role, unique in the account.")
    built_in: bool = strawberry.field(description="Whether it is one of those that every account has.")
    cells: list[RoleCell] | None = strawberry.field(description=f"What it holds, by module and action. {NEEDS_ROLES}")
    teams: list[Team] | None = strawberry.field(
        description=f"Teams to which it is attached, as far as you know them. {NEEDS_ROLES}"
    )


@strawberry.type(description="A team of a member.")
class MemberTeam:
    """Main and extra teams reach rows alike; only the main one is the default for new rows."""

    team: Team | None = strawberry.field(description="The team; null if you do not know it.")
    is_main: bool = strawberry.field(description="Whether the member's rows start with this team.")


@strawberry.type(description="A capability that one member has beside the role, or lacks.")
class MemberException:
    """An exception that holds now."""

    module: str = strawberry.field(
        description="Name of the module or tool, as in `viewer.capabilities`: landing_pages, settings."
    )
    action: str = strawberry.field(description="Name of the action, as in error extensions: view, update, publish.")
    scope: str = strawberry.field(description="On which rows: all, team, owned, created or unassigned.")
    effect: ExceptionEffect = strawberry.field(
        description="Whether it adds the cell to what roles give, or takes it away."
    )
    until: dt.datetime | None = strawberry.field(description="When it ends by itself; null: it does not.")


@strawberry.type(description="How many rows of one module a member owns.")
class OwnedRows:
    """To look at before somebody is removed."""

    module: str = strawberry.field(description="Name of the module, as in `viewer.capabilities`: deals.")
    count: int = strawberry.field(description="How many of its rows the member owns, of those that you see.")


@strawberry.type(description="A person in the account, for those who may view users.")
class Member(Node):
    """What ties a person to the account; mutations take the person's id for it, too."""

    person: Person | None = strawberry.field(description="The member as a person: name and e-mail address.")
    status: MemberStatus = strawberry.field(
        description="Whether the member may act, or is deactivated and owns what they owned."
    )
    role: Role | None = strawberry.field(description="The member's own role; roles of their teams come on top.")
    super_admin: bool = strawberry.field(description="Whether the member sees and manages everything across teams.")
    teams: list[MemberTeam] = strawberry.field(description="The member's teams, the main one first.")
    exceptions: list[MemberException] = strawberry.field(description="Personal exceptions, by module and action.")
    owns: list[OwnedRows] = strawberry.field(
        description="How many rows the member owns, by module; modules without any are left out. Look at it before"
        " `removeMember`, which needs `assign` on all that the member owns, also on what you do not see. Counting takes"
        " time: ask for one member."
    )


@strawberry.type(description="A module with columns that need `view_sensitive`, unless the account says otherwise.")
class SensitiveModule:
    """Which columns these are is the same everywhere; whether they are sensitive is the account's to say."""

    module: str = strawberry.field(description="Name of the module, as in error extensions: deals.")
    columns: list[str] = strawberry.field(description="The columns, by the names that they have in SQL and in files.")
    sensitive: bool = strawberry.field(description="Whether they need `view_sensitive` in this account.")
    since: dt.datetime | None = strawberry.field(description="When that was set; null: it was so from the start.")


@strawberry.enum(description="What became of an invitation.")
class InvitationStatus(Enum):
    """Only an open one can be accepted."""

    OPEN = strawberry.enum_value("open", description="It can be accepted.")
    ACCEPTED = strawberry.enum_value("accepted", description="The person became a member by it.")
    REVOKED = strawberry.enum_value("revoked", description="It was taken back.")
    EXPIRED = strawberry.enum_value("expired", description="Its time is over. It can be sent again.")


@strawberry.type(description="An invitation to the account, for those who may view users.")
class Invitation(Node):
    """Its token is in the e-mail, and nowhere else."""

    email: str = strawberry.field(description="E-mail address to which it was sent, and with which one signs in.")
    name: str | None = strawberry.field(description="How the account will call the person, if it was said.")
    role: Role | None = strawberry.field(description="The role that the person gets.")
    main_team: Team | None = strawberry.field(
        description="The main team that the person gets; null for none, or for one that you do not know."
    )
    teams: list[Team] = strawberry.field(description="Extra teams that the person gets, as far as you know them.")
    invited_by: Person | None = strawberry.field(description="Who invites, and is asked for what the invitation gives.")
    invited_at: dt.datetime = strawberry.field(description="When the person was invited first.")
    until: dt.datetime = strawberry.field(description="Until when it can be accepted.")
    status: InvitationStatus = strawberry.field(description="Whether it waits, was accepted or taken back, or is over.")
    accepted_by: Person | None = strawberry.field(
        description="The member who accepted it. Null while nobody has, or you do not know them."
    )


NAMES.update(
    Role=Role,
    RoleCell=RoleCell,
    Member=Member,
    MemberTeam=MemberTeam,
    MemberException=MemberException,
    SensitiveModule=SensitiveModule,
    Invitation=Invitation,
    InvitationStatus=InvitationStatus,
    OwnedRows=OwnedRows,
)
connection_types_of("Member", "members")
connection_types_of("Invitation", "invitations")
for mutation in CALLS.values():
    mutation_types(mutation)
