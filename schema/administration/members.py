"""Mutations of members (rules T2, T7, T9, T10)."""

from schema.administration.description import (
    KEPT,
    REASSIGNED,
    RESULT,
    WITHHELD,
    Answer,
    Argument,
    Form,
    Mutation,
    Shape,
    id_of,
)

MEMBER = id_of("Member", "memberId", "member", "The member.")
ROLE = id_of("Role", "roleId", "role", "The role that the member gets.")


def _member(of: str) -> tuple[Answer, ...]:
    return (Answer("member", "The member as it is now.", of, "Member"),)


MEMBERS = (
    Mutation(
        "addMember",
        "access.add_member",
        "Make somebody a member of the account: a user is made where nobody has this e-mail address. Of the role, the"
        " member gets what you hold yourself.",
        (
            Argument("email", "email", Form.TEXT, "E-mail address with which the person signs in."),
            Argument("name", "name", Form.TEXT, "Full name; left out: what stands before the @.", required=False),
            ROLE,
            id_of("Team", "mainTeamId", "main_team", "The main team; left out: none.", required=False),
        ),
        (*_member(RESULT), WITHHELD),
        keyed=True,
    ),
    Mutation(
        "changeRole",
        "access.change_role",
        "Give a member a role, of it what you hold yourself; what the member has and you do not hold stays. Both are"
        " personal exceptions of the member until the role is changed again; those that somebody set stay as they are.",
        (MEMBER, ROLE),
        (*_member("memberId"), WITHHELD, KEPT),
    ),
    Mutation(
        "deactivateMember",
        "access.set_status",
        "Shut a member out, from the next statement on. Nothing that the member owns changes.",
        (MEMBER,),
        _member("memberId"),
        fixed=(("status", "deactivated"),),
    ),
    Mutation(
        "reactivateMember",
        "access.set_status",
        "Let a deactivated member in again, with the role, the teams and the exceptions of before.",
        (MEMBER,),
        _member("memberId"),
        fixed=(("status", "active"),),
    ),
    Mutation(
        "setSuperAdmin",
        "access.set_super_admin",
        "Make a member super admin, or take that back. Super admins alone may; one active one always remains.",
        (MEMBER, Argument("superAdmin", "flag", Form.FLAG, "Whether the member shall be super admin.")),
        _member("memberId"),
    ),
    Mutation(
        "removeMember",
        "access.remove_member",
        "End a membership, with its teams, exceptions and analysts' logins. You need to be able to assign all that the"
        " member owns: look at `owns` of the member before.",
        (
            MEMBER,
            Argument(
                "newOwnerId",
                "new_owner",
                Form.ID,
                "Who owns the member's rows then (a Person); left out or null: nobody.",
                required=False,
                types=("Person", "Member"),
            ),
        ),
        (
            Answer("removedId", "Id of the member who is gone.", "memberId", "Member", Shape.ID),
            Answer(
                "person",
                "Who that is, as of now; null where you may not know them any more.",
                "memberId",
                "Person",
            ),
            *REASSIGNED,
        ),
    ),
)
