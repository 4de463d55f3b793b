"""Why a member sees nothing: the walls between a member and the rows of a module."""

from enum import Enum

import strawberry

from schema.building import NAMES, enum_type

CODES = {
    "NOT_A_MEMBER": "The user was of the account, and is no longer.",
    "DEACTIVATED": "The member is deactivated.",
    "NO_ROLE": "No role of the member gives `view` on the module, nor an action that implies it.",
    "EXCEPTION": "A personal exception takes what a role gives.",
    "NO_TEAM": "The scope is `team`, and the member is in no team.",
    "NO_ROW_OF_TEAMS": "The scope is `team`, and no row that you see is of a team that the member reaches, or open.",
    "RESTRICTED": "The scope is `team`, and rows that you see are restricted to others.",
    "TIER": "The account's tier is too low to restrict rows of the module; those that were restricted stay so.",
    "OWNS_NONE": "The scope is `owned`, and the member owns no row that you see.",
    "CREATED_NONE": "The scope is `created`, and the member created no row that you see.",
    "NONE_UNASSIGNED": "The scope is `unassigned`, and no row that you see is.",
    "YOU_SEE_NONE": "You see no rows of the module yourself: nothing can be said of rows.",
    "SEES_NONE": "The member sees none of the rows that you see.",
    "SEES_SOME": "The member sees some of the rows that you see.",
    "SEES_ALL": "The member sees all of the rows that you see.",
    "SHARED": "Single rows are shared with the member; they are not counted.",
}

WallCode: type[Enum] = enum_type(
    "WallCode",
    "What stands between a member and the rows of a module, or how far the member sees.",
    {code: code.lower() for code in CODES},
    CODES,
)


@strawberry.type(
    description="Something that stands between a member and the rows of a module, or how far the member sees."
)
class Wall:
    """One line of an answer; the last one says how far the member sees."""

    code: WallCode = strawberry.field(description="Which wall it is: stable, for programs.")  # type: ignore[valid-type]
    sentence: str = strawberry.field(description="The same with names and numbers, for people.")


NAMES.update(Wall=Wall)
