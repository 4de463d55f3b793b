"""The permission matrices: who may do what with whose row.

    v view   s view_sensitive   u update   d delete   a assign   p publish   m manage_domain   - nothing

The first line of a table names whose row it is, the second the rule that speaks of it; a line then begins with its own
rule and with who acts. tests/policies/company.py says who and whose these are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from tests.policies.company import ACME, PLAIN, RIVAL

LETTERS = {
    "v": "view",
    "s": "view_sensitive",
    "u": "update",
    "d": "delete",
    "a": "assign",
    "p": "publish",
    "m": "manage_domain",
}

RECORDS = """
                           mine  made  peers child parent sideways extra extra_child open  no_team unowned pool  foreign
                           O1    O1    T5    T4    T4     T4       T5    T4          O4    O2      O7      O7    T1
C1 created                 -     vsuda -     -     -      -        -     -           -     -       -       -     -
C1 owned                   vsuda -     -     -     -      -        -     -           -     -       -       -     -
C1 team                    vsuda -     vsuda vsuda -      -        vsuda vsuda       vsuda -       -       vsuda -
C1 unassigned              -     -     -     -     -      -        -     -           -     -       vsuda   vsuda -
C1 all                     vsuda vsuda vsuda vsuda vsuda  vsuda    vsuda vsuda       vsuda vsuda   vsuda   vsuda -
C1 made_or_unowned         -     vsuda -     -     -      -        -     -           -     -       vsuda   vsuda -
C2 viewer                  v     -     v     v     -      -        v     v           v     -       -       v     -
C2 updater                 vu    -     vu    vu    -      -        vu    vu          vu    -       -       vu    -
C2 publisher               -     -     -     -     -      -        -     -           -     -       -       -     -
C2 mixed                   vud   va    vu    vu    v      v        vu    vu          vu    v       v       vu    -
C2 writer                  -     -     -     -     -      -        -     -           -     -       -       -     -
T4 lead                    vsuda vsuda vsuda vsuda vsuda  vsuda    -     -           vsuda -       vsuda   vsuda -
T4 leaf                    vsuda -     -     vsuda -      -        -     -           vsuda -       -       -     -
T5 teamless                vsuda -     -     -     -      -        -     -           vsuda -       -       -     -
T5 extra_only              vsuda -     vsuda vsuda -      -        -     -           vsuda -       -       vsuda -
C4 department              vu    -     -     -     -      -        -     -           -     -       -       -     -
C4 granted                 vd    -     v     v     -      -        v     v           v     -       -       v     -
C4 granted_for_an_hour     vd    -     v     v     -      -        v     v           v     -       -       v     -
C4 granted_until_before    v     -     v     v     -      -        v     v           v     -       -       v     -
C4 denied                  vsda  -     vsda  vsda  -      -        vsda  vsda        vsda  -       -       vsda  -
C4 denied_for_an_hour      vsda  -     vsda  vsda  -      -        vsda  vsda        vsda  -       -       vsda  -
C4 denied_until_before     vsuda -     vsuda vsuda -      -        vsuda vsuda       vsuda -       -       vsuda -
C4 denied_view             -     -     -     -     -      -        -     -           -     -       -       -     -
C4 denied_part_of_all      vsda  vsda  vsda  vsda  vsda   vsda     vsda  vsda        vsda  vsda    vsda    vsda  -
T8 owner                   vsuda vsuda vsuda vsuda vsuda  vsuda    vsuda vsuda       vsuda vsuda   vsuda   vsuda -
T7 super_admin             vsuda vsuda vsuda vsuda vsuda  vsuda    vsuda vsuda       vsuda vsuda   vsuda   vsuda -
C5 administrator           vuda  vuda  vuda  vuda  vuda   vuda     vuda  vuda        vuda  vuda    vuda    vuda  -
T2 deactivated             -     -     -     -     -      -        -     -           -     -       -       -     -
T2 deactivated_super_admin -     -     -     -     -      -        -     -           -     -       -       -     -
T2 in_two_accounts         vsuda -     -     -     -      -        -     -           -     -       -       -     -
"""

# Members work on leads, deals and tickets that they made, and on nothing else.
MEMBER_WORKS = """
                           mine  made  peers child parent sideways extra extra_child open  no_team unowned pool  foreign
                           O1    O1    T5    T4    T4     T4       T5    T4          O4    O2      O7      O7    T1
C5 member                  -     vu    -     -     -      -        -     -           -     -       -       -     -
"""
MEMBER_DOES_NOT = """
                           mine  made  peers child parent sideways extra extra_child open  no_team unowned pool  foreign
                           O1    O1    T5    T4    T4     T4       T5    T4          O4    O2      O7      O7    T1
C5 member                  -     -     -     -     -      -        -     -           -     -       -       -     -
"""

LANDING_PAGES = """
                           mine     made     open     open_south peers    child    parent   sideways several  extra    private  unowned  lost      foreign
                           O3       O3       O3       O3         T5       T4       T4       T4       O2       T5       O3       O7       O3        T1
C1 created                 -        vudapm   -        -          -        -        -        -        -        -        -        -        -         -
C1 owned                   vudapm   -        -        -          -        -        -        -        -        -        -        -        -         -
C1 team                    vudapm   vudapm   vudapm   vudapm     vudapm   vudapm   -        -        vudapm   vudapm   -        vudapm   -         -
C1 unassigned              -        -        -        -          -        -        -        -        -        -        -        vudapm   -         -
C1 all                     vudapm   vudapm   vudapm   vudapm     vudapm   vudapm   vudapm   vudapm   vudapm   vudapm   vudapm   vudapm   vudapm    -
C1 made_or_unowned         -        vudapm   -        -          -        -        -        -        -        -        -        vudapm   -         -
C2 viewer                  v        v        v        v          v        v        -        -        v        v        -        v        -         -
C2 updater                 vu       vu       vu       vu         vu       vu       -        -        vu       vu       -        vu       -         -
C3 publisher               vp       vp       vp       vp         vp       vp       -        -        vp       vp       -        vp       -         -
C3 mixed                   vudp     vuap     vup      vup        vup      vup      v        v        vup      vup      v        vup      v         -
C2 writer                  -        -        -        -          -        -        -        -        -        -        -        -        -         -
T4 lead                    vudapm   vudapm   vudapm   vudapm     vudapm   vudapm   vudapm   vudapm   vudapm   -        -        vudapm   vudapm    -
T4 leaf                    vudapm   vudapm   vudapm   vudapm     -        vudapm   -        -        vudapm   -        -        vudapm   -         -
T5 teamless                vudapm   vudapm   vudapm   vudapm     -        -        -        -        -        -        -        vudapm   -         -
T5 extra_only              vudapm   vudapm   vudapm   vudapm     vudapm   vudapm   -        -        vudapm   -        -        vudapm   -         -
C4 department              vu       -        -        -          -        -        -        -        -        -        -        -        -         -
C4 granted                 vd       v        v        v          v        v        -        -        v        v        -        v        -         -
C4 granted_for_an_hour     vd       v        v        v          v        v        -        -        v        v        -        v        -         -
C4 granted_until_before    v        v        v        v          v        v        -        -        v        v        -        v        -         -
C4 denied                  vdapm    vdapm    vdapm    vdapm      vdapm    vdapm    -        -        vdapm    vdapm    -        vdapm    -         -
C4 denied_for_an_hour      vdapm    vdapm    vdapm    vdapm      vdapm    vdapm    -        -        vdapm    vdapm    -        vdapm    -         -
C4 denied_until_before     vudapm   vudapm   vudapm   vudapm     vudapm   vudapm   -        -        vudapm   vudapm   -        vudapm   -         -
C4 denied_view             -        -        -        -          -        -        -        -        -        -        -        -        -         -
C4 denied_part_of_all      vdapm    vdapm    vdapm    vdapm      vdapm    vdapm    vdapm    vdapm    vdapm    vdapm    vdapm    vdapm    vdapm     -
T8 owner                   vudapm   vudapm   vudapm   vudapm     vudapm   vudapm   vudapm   vudapm   vudapm   vudapm   vudapm   vudapm   vudapm    -
T7 super_admin             vudapm   vudapm   vudapm   vudapm     vudapm   vudapm   vudapm   vudapm   vudapm   vudapm   vudapm   vudapm   vudapm    -
C5 administrator           vudpm    vudpm    vudpm    vudpm      vudpm    vudpm    vudpm    vudpm    vudpm    vudpm    vudpm    vudpm    vudpm     -
C5 member                  -        -        -        -          -        -        -        -        -        -        -        -        -         -
T2 deactivated             -        -        -        -          -        -        -        -        -        -        -        -        -         -
T2 deactivated_super_admin -        -        -        -          -        -        -        -        -        -        -        -        -         -
T2 in_two_accounts         vudapm   -        -        -          -        -        -        -        -        -        -        -        -         -
"""

WITHOUT_TEAMS = """
                           mine  made  others unowned foreign
                           O1    O1    T6     T6      T1
C1 created                 -     vsuda -      -       -
C1 owned                   vsuda -     -      -       -
T6 team                    vsuda vsuda vsuda  vsuda   -
O7 unassigned              -     -     -      vsuda   -
C1 all                     vsuda vsuda vsuda  vsuda   -
"""
LANDING_PAGES_WITHOUT_TEAMS = """
                           mine   made   others private unowned foreign
                           O1     O1     T6     O3      T6      T1
C1 created                 -      vudapm -      -       -       -
C1 owned                   vudapm -      -      -       -       -
T6 team                    vudapm vudapm vudapm -       vudapm  -
O7 unassigned              -      -      -      -       vudapm  -
C1 all                     vudapm vudapm vudapm vudapm  vudapm  -
"""

# The other account: its own rows, and nothing of ours.
ELSEWHERE = """
                           peers sideways open foreign
                           T1    T1       T1   T2
T1 rita                    -     -        -    {everything}
T2 in_two_accounts         -     -        -    {everything}
"""

MATRICES: dict[str, tuple[tuple[str, str], ...]] = {
    "contacts": (
        (ACME, RECORDS),
        (ACME, MEMBER_DOES_NOT),
        (PLAIN, WITHOUT_TEAMS),
        (RIVAL, ELSEWHERE.format(everything="vsuda")),
    ),
    "companies": (
        (ACME, RECORDS),
        (ACME, MEMBER_DOES_NOT),
        (PLAIN, WITHOUT_TEAMS),
        (RIVAL, ELSEWHERE.format(everything="vsuda")),
    ),
    "deals": (
        (ACME, RECORDS),
        (ACME, MEMBER_WORKS),
        (PLAIN, WITHOUT_TEAMS),
        (RIVAL, ELSEWHERE.format(everything="vsuda")),
    ),
    "tickets": (
        (ACME, RECORDS),
        (ACME, MEMBER_WORKS),
        (PLAIN, WITHOUT_TEAMS),
        (RIVAL, ELSEWHERE.format(everything="vsuda")),
    ),
    "landing_pages": (
        (ACME, LANDING_PAGES),
        (PLAIN, LANDING_PAGES_WITHOUT_TEAMS),
        (RIVAL, ELSEWHERE.format(everything="vudapm")),
    ),
}


@dataclass(frozen=True)
class Case:
    """One cell: in which account somebody acts, whose row it is, and all that is allowed."""

    module: str
    account: str
    rules: str
    who: str
    whose: str
    allowed: frozenset[str]

    @property
    def id(self) -> str:
        """The name of the test."""
        letters = "".join(letter for letter, action in LETTERS.items() if action in self.allowed)
        return f"{self.module}-{self.rules}-{self.account}-{self.who}-{self.whose}-{letters or 'nothing'}"


def cases(module: str) -> Iterator[Case]:
    """All cells of a module's matrices."""
    for account, table in MATRICES[module]:
        head, rules, *lines = table.strip().splitlines()
        columns = list(zip(head.split(), rules.split(), strict=True))
        for line in lines:
            rule, who, *cells = line.split()
            for (whose, column_rule), cell in zip(columns, cells, strict=True):
                allowed = frozenset(LETTERS[letter] for letter in cell if letter != "-")
                yield Case(module, account, f"{rule}+{column_rule}", who, whose, allowed)
