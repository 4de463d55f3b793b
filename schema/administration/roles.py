"""Mutations of roles and of personal exceptions (rules C4 to C6)."""

from schema.administration.description import KEPT, RESULT, WITHHELD, Answer, Argument, Form, Mutation, Shape, id_of

ROLE = id_of("Role", "roleId", "role", "The role.")
CUSTOM_ROLE = id_of("Role", "roleId", "role", "The role; not a built-in one.")
TEAM = id_of("Team", "teamId", "team", "The team.")
NAME = Argument("name", "name", Form.TEXT, "Name of the role, which no other role of the account has.")
CELLS = Argument(
    "cells",
    "cells",
    Form.CELLS,
    "All that the role shall hold. What you do not hold yourself is neither given nor taken.",
)
MODULE = Argument(
    "module", "module", Form.TEXT, "Name of a module or tool, as in `viewer.capabilities`: landing_pages."
)
ACTION = Argument("action", "action", Form.TEXT, "Name of the action: view, update, publish...")


def _role(of: str) -> Answer:
    return Answer("role", "The role as it is now.", of, "Role")


ROLES = (
    Mutation(
        "createRole",
        "access.create_role",
        "Make a custom role. Of the cells, it holds what you hold yourself.",
        (NAME, CELLS),
        (_role(RESULT), WITHHELD),
        keyed=True,
    ),
    Mutation(
        "cloneRole",
        "access.clone_role",
        "Make a custom role that holds what another role, also a built-in one, holds now, and you yourself.",
        (ROLE, NAME),
        (_role(RESULT), WITHHELD),
        keyed=True,
    ),
    Mutation(
        "renameRole",
        "access.rename_role",
        "Give a custom role another name.",
        (CUSTOM_ROLE, NAME),
        (_role("roleId"),),
    ),
    Mutation(
        "setRoleCells",
        "access.set_role_cells",
        "Set the whole matrix of a custom role: what is not among the cells is taken from it. What you do not hold"
        " yourself stays as it was.",
        (CUSTOM_ROLE, CELLS),
        (_role("roleId"), WITHHELD, KEPT),
    ),
    Mutation(
        "switchRoleCells",
        "access.switch_role_cells",
        "Set some cells of a custom role; the others stay.",
        (
            CUSTOM_ROLE,
            Argument(
                "cells",
                "cells",
                Form.SWITCHES,
                "The cells that shall be other than they are; an empty list of scopes takes the action from the role."
                " What you do not hold yourself is neither given nor taken.",
            ),
        ),
        (_role("roleId"), WITHHELD, KEPT),
    ),
    Mutation(
        "setRoleCell",
        "access.set_role_cell",
        "Set one cell of a custom role; the others stay. Refused where you do not hold what it gives or takes.",
        (
            CUSTOM_ROLE,
            MODULE,
            ACTION,
            Argument(
                "scopes",
                "scopes",
                Form.TEXTS,
                "On which rows: all, or some of team, owned, created, unassigned. An empty list takes the action from"
                " the role; left out, it gives one that concerns no row.",
                required=False,
            ),
        ),
        (_role("roleId"),),
    ),
    Mutation(
        "deleteRole",
        "access.delete_role",
        "Delete a custom role. One that members or teams have, or that an open invitation names, is refused with"
        " CONFLICT unless its successor is named.",
        (
            CUSTOM_ROLE,
            id_of(
                "Role",
                "successorId",
                "successor",
                "The role that its members and teams get, and that open invitations name then.",
                required=False,
            ),
        ),
        (
            Answer("deletedId", "Id of the role that is gone.", "roleId", "Role", Shape.ID),
            Answer("successor", "The role that its members and teams have now.", "successorId", "Role"),
            WITHHELD,
            KEPT,
            Answer(
                "members",
                "Who had it, by name, as they are now. Null, with an error, where you may not view users.",
                "members",
                "Member",
                Shape.OBJECTS,
            ),
            Answer(
                "invitations",
                "Open invitations that named it and name its successor now, by name. Null, with an error, where you may"
                " not view users.",
                "invitations",
                "Invitation",
                Shape.OBJECTS,
            ),
        ),
        results=("members", "invitations"),
    ),
    Mutation(
        "attachRoleToTeam",
        "access.attach_role_to_team",
        "Let the members of a team hold a role beside their own.",
        (TEAM, ROLE),
        (Answer("team", "The team as it is now.", "teamId", "Team"), _role("roleId")),
    ),
    Mutation(
        "detachRoleFromTeam",
        "access.detach_role_from_team",
        "Take a role from a team.",
        (TEAM, ROLE),
        (Answer("team", "The team as it is now.", "teamId", "Team"), _role("roleId")),
    ),
    Mutation(
        "setException",
        "access.set_exception",
        "Add a capability to one member beside the role, take it, or end such an exception.",
        (
            id_of("Member", "memberId", "member", "The member."),
            MODULE,
            ACTION,
            Argument(
                "scope",
                "scope",
                Form.TEXT,
                "On which rows: all, team, owned, created or unassigned; by default all, as for an action that"
                " concerns no row.",
                required=False,
                default="all",
            ),
            Argument("effect", "effect", Form.TEXT, "What the exception does.", enum="ExceptionEffect"),
            Argument("until", "until", Form.MOMENT, "When it ends by itself; left out: it does not.", required=False),
        ),
        (Answer("member", "The member as it is now.", "memberId", "Member"),),
    ),
)
