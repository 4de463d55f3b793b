"""Administrative mutations, described as data."""

from schema.administration.accounts import ACCOUNTS
from schema.administration.description import Mutation
from schema.administration.erasure import ERASURES
from schema.administration.invitations import INVITATIONS
from schema.administration.jobs import JOBS
from schema.administration.members import MEMBERS
from schema.administration.roles import ROLES
from schema.administration.sensitivity import SENSITIVITY
from schema.administration.teams import TEAMS

ADMINISTRATION: dict[str, Mutation] = {
    each.name: each for each in (*ROLES, *TEAMS, *MEMBERS, *INVITATIONS, *ACCOUNTS, *SENSITIVITY, *ERASURES)
}
# With these, all mutations that are calls of functions.
CALLS: dict[str, Mutation] = {**ADMINISTRATION, **{each.name: each for each in JOBS}}
