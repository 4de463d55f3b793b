"""Administrative mutations, described as data."""

from schema.administration.description import Mutation
from schema.administration.erasure import ERASURES
from schema.administration.members import MEMBERS
from schema.administration.roles import ROLES
from schema.administration.teams import TEAMS

ADMINISTRATION: dict[str, Mutation] = {each.name: each for each in (*ROLES, *TEAMS, *MEMBERS, *ERASURES)}
