"""Mutations of invitations (rule T10)."""

from schema.administration.description import RESULT, WITHHELD, Answer, Argument, Form, Mutation, id_of

INVITATION = id_of("Invitation", "invitationId", "invitation", "The invitation; neither accepted nor revoked.")
UNTIL = Argument(
    "until",
    "until",
    Form.MOMENT,
    "When it ends, within 30 days; left out: in seven days.",
    required=False,
)


def _invitation(of: str) -> tuple[Answer, ...]:
    return (Answer("invitation", "The invitation as it is now.", of, "Invitation"),)


INVITATIONS = (
    Mutation(
        "inviteMember",
        "access.invite_member",
        "Invite somebody by e-mail. Who signs in with that address and has the link of the e-mail becomes a member by"
        " `acceptInvitation`, with what you may still give then of what you give now.",
        (
            Argument("email", "email", Form.TEXT, "E-mail address of the person, with which they will sign in."),
            Argument("name", "name", Form.TEXT, "Full name; left out: what stands before the @.", required=False),
            id_of("Role", "roleId", "role", "The role that the person gets."),
            id_of("Team", "mainTeamId", "main_team", "The main team; left out: none.", required=False),
            Argument("teamIds", "teams", Form.IDS, "Extra teams; left out: none.", required=False, types=("Team",)),
            UNTIL,
        ),
        (*_invitation(RESULT), WITHHELD),
        keyed=True,
    ),
    Mutation(
        "resendInvitation",
        "access.resend_invitation",
        "Send an invitation again, also one that has ended, with a new link; the old one is void. It is yours then, and"
        " you need what it gives.",
        (INVITATION, UNTIL),
        (*_invitation(RESULT), WITHHELD),
        keyed=True,
    ),
    Mutation(
        "revokeInvitation",
        "access.revoke_invitation",
        "Take an invitation back: its link is void from now on.",
        (INVITATION,),
        _invitation("invitationId"),
    ),
)
