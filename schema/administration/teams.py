"""Mutations of teams and of who is in them (rules T3 to T5)."""

from schema.administration.description import RESULT, Answer, Argument, Form, Mutation, Shape, id_of
from schema.history import BATCH

TEAM = id_of("Team", "teamId", "team", "The team.")
MEMBER = id_of("Member", "memberId", "member", "The member.")
NAME = Argument("name", "name", Form.TEXT, "Name of the team.")
PARENT = id_of("Team", "parentId", "parent", "The team above; left out or null: none.", required=False)
OF_MEMBER = (Answer("member", "The member as it is now.", "memberId", "Member"),)


def _team(of: str) -> Answer:
    return Answer("team", "The team as it is now.", of, "Team")


MOVED = (
    Answer("batchId", "By what `accessLog` and `undoReorganisation` know all of this.", "batch", BATCH, Shape.ID),
    Answer("teams", "The teams that moved, by name, as they are now.", "moved", "Team", Shape.OBJECTS),
    Answer(
        "parents", "The teams below which they were or are, by name, as they are now.", "parents", "Team", Shape.OBJECTS
    ),
)
MEMBERS = Answer(
    "members",
    "Who was in what is gone, by name, as they are now. Null, with an error, where you may not view users.",
    "members",
    "Member",
    Shape.OBJECTS,
)
HANDED_ON = (
    Answer(
        "rolesMoved",
        "How many roles were attached to it and are attached to the other team now.",
        "roles_moved",
        shape=Shape.COUNT,
    ),
    Answer("sharesMoved", "How many shares with it are with the other team now.", "shares_moved", shape=Shape.COUNT),
    Answer(
        "sharesEnded",
        "How many shares with it have ended, since you may not share these rows with the other team.",
        "shares_ended",
        shape=Shape.COUNT,
    ),
    Answer(
        "invitations",
        "Open invitations that named it and name the other team now, by name. Null, with an error, where you may not"
        " view users.",
        "invitations",
        "Invitation",
        Shape.OBJECTS,
    ),
)
HANDED_ON_BY = ("roles_moved", "shares_moved", "shares_ended", "invitations")

TEAMS = (
    Mutation(
        "createTeam",
        "access.create_team",
        "Make a team, below another or at the top.",
        (NAME, PARENT),
        (_team(RESULT),),
        keyed=True,
    ),
    Mutation("renameTeam", "access.rename_team", "Give a team another name.", (TEAM, NAME), (_team("teamId"),)),
    Mutation(
        "moveTeam",
        "access.move_team",
        "Put a team, with all below it, below another team or at the top.",
        (TEAM, PARENT),
        (
            _team("teamId"),
            Answer("formerParent", "The team below which it was, as it is now; null for none.", RESULT, "Team"),
        ),
    ),
    Mutation(
        "moveTeams",
        "access.move_teams",
        "Reorganise: put teams, each with all below it, below others or at the top, all at once or not at all. What"
        " counts is where they end up: two may change places. `undoReorganisation` takes it back.",
        (Argument("moves", "moves", Form.MOVES, "The teams and their new places; each once.", types=("Team",)),),
        MOVED,
        results=("batch", "moved", "parents"),
    ),
    Mutation(
        "undoReorganisation",
        "access.undo_reorganisation",
        "Put the teams that one mutation moved back to where they were. CONFLICT, which names them, where some are"
        " elsewhere by now, or gone; BAD_USER_INPUT where that mutation did more than move teams. This is a"
        " reorganisation in the history, too, and can be undone.",
        (
            id_of(
                BATCH,
                "batchId",
                "undone",
                "What is to be undone: `batchId` of moveTeams, or `batchId` of a change in `accessLog`.",
            ),
        ),
        MOVED,
        results=("batch", "moved", "parents"),
    ),
    Mutation(
        "mergeTeams",
        "access.merge_teams",
        "Put all that some teams hold into another one, and delete them: members, rows, lower teams, attached roles,"
        " open invitations, and what is shared with them as far as you may share it with the other; the rest of these"
        " shares ends.",
        (
            Argument("teamIds", "teams", Form.IDS, "The teams that shall be gone.", types=("Team",)),
            id_of("Team", "intoId", "into_team", "The team into which they go."),
        ),
        (
            Answer("team", "The team into which they went, as it is now.", "intoId", "Team"),
            Answer("deletedIds", "Ids of the teams that are gone.", "teamIds", "Team", Shape.IDS),
            Answer(
                "parents",
                "The teams below which they were, by name, as they are now.",
                "parents",
                "Team",
                Shape.OBJECTS,
            ),
            MEMBERS,
            *HANDED_ON,
        ),
        results=("parents", "members", *HANDED_ON_BY),
    ),
    Mutation(
        "deleteTeam",
        "access.delete_team",
        "Delete a team. One that holds lower teams, members, rows, shares, attached roles or open invitations is"
        " refused with CONFLICT, which says what it holds, unless told where that goes.",
        (
            TEAM,
            id_of(
                "Team",
                "moveToId",
                "move_to",
                "The team that takes over what it holds, as if you did that by hand, one by one. What is shared with it"
                " and what you may not share with the other ends.",
                required=False,
            ),
        ),
        (
            Answer("deletedId", "Id of the team that is gone.", "teamId", "Team", Shape.ID),
            Answer("movedTo", "The team that holds now what it held.", "moveToId", "Team"),
            Answer(
                "formerParent", "The team below which it was, as it is now; null for none.", "former_parent", "Team"
            ),
            MEMBERS,
            *HANDED_ON,
        ),
        results=("former_parent", "members", *HANDED_ON_BY),
    ),
    Mutation(
        "joinTeam",
        "access.join_team",
        "Put a member into a team.",
        (
            MEMBER,
            TEAM,
            Argument(
                "main",
                "is_main",
                Form.FLAG,
                "Whether as the main team, in place of the present one, which the member leaves; by default as an"
                " extra one.",
                required=False,
                default=False,
            ),
        ),
        OF_MEMBER,
    ),
    Mutation("leaveTeam", "access.leave_team", "Take a member out of a team.", (MEMBER, TEAM), OF_MEMBER),
    Mutation(
        "setMainTeam",
        "access.set_main_team",
        "Make one of a member's teams the main one; the former main one becomes an extra one.",
        (
            MEMBER,
            id_of("Team", "teamId", "team", "The team; left out or null: none is the main one.", required=False),
        ),
        OF_MEMBER,
    ),
)
