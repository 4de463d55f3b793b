"""The permission matrices: who may do what with whose row.

    v view   s view_sensitive   u update   d delete   a assign   p publish   i publish_internal   m manage_domain
    e send   t activate   c connect   g configure   - nothing   * everything that can be done to such rows   !u but u

The first line of a table names whose row it is, the second the rule that speaks of it; a line then begins with its own
rule and with who acts. tests/policies/company.py says who and whose these are.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from schema.registry import Module
from tests.policies.company import ACME, PLAIN, RIVAL, possible

LETTERS = {
    "v": "view",
    "s": "view_sensitive",
    "u": "update",
    "d": "delete",
    "a": "assign",
    "p": "publish",
    "i": "publish_internal",
    "m": "manage_domain",
    "e": "send",
    "t": "activate",
    "c": "connect",
    "g": "configure",
}

RECORDS = """
                           mine made peers child parent sideways extra extra_child open no_team unowned pool foreign
                           O1   O1   T5    T4    T4     T4       T5    T4          O4   O2      O7      O7   T1
C1 created                 -    *    -     -     -      -        -     -           -    -       -       -    -
C1 owned                   *    -    -     -     -      -        -     -           -    -       -       -    -
C1 team                    *    -    *     *     -      -        *     *           *    -       -       *    -
C1 unassigned              -    -    -     -     -      -        -     -           -    -       *       *    -
C1 all                     *    *    *     *     *      *        *     *           *    *       *       *    -
C1 made_or_unowned         -    *    -     -     -      -        -     -           -    -       *       *    -
C2 viewer                  v    -    v     v     -      -        v     v           v    -       -       v    -
C2 updater                 vu   -    vu    vu    -      -        vu    vu          vu   -       -       vu   -
C2 publisher               -    -    -     -     -      -        -     -           -    -       -       -    -
C2 internal_publisher      -    -    -     -     -      -        -     -           -    -       -       -    -
C2 mixed                   vud  va   vu    vu    v      v        vu    vu          vu   v       v       vu   -
C2 writer                  -    -    -     -     -      -        -     -           -    -       -       -    -
T4 lead                    *    *    *     *     *      *        -     -           *    -       *       *    -
T4 leaf                    *    -    -     *     -      -        -     -           *    -       -       -    -
T5 teamless                *    -    -     -     -      -        -     -           *    -       -       -    -
T5 extra_only              *    -    *     *     -      -        -     -           *    -       -       *    -
C4 department              vu   -    -     -     -      -        -     -           -    -       -       -    -
C4 granted                 vd   -    v     v     -      -        v     v           v    -       -       v    -
C4 granted_for_an_hour     vd   -    v     v     -      -        v     v           v    -       -       v    -
C4 granted_until_before    v    -    v     v     -      -        v     v           v    -       -       v    -
C4 denied                  *!u  -    *!u   *!u   -      -        *!u   *!u         *!u  -       -       *!u  -
C4 denied_for_an_hour      *!u  -    *!u   *!u   -      -        *!u   *!u         *!u  -       -       *!u  -
C4 denied_until_before     *    -    *     *     -      -        *     *           *    -       -       *    -
C4 denied_view             -    -    -     -     -      -        -     -           -    -       -       -    -
C4 denied_part_of_all      *!u  *!u  *!u   *!u   *!u    *!u      *!u   *!u         *!u  *!u     *!u     *!u  -
T8 owner                   *    *    *     *     *      *        *     *           *    *       *       *    -
T7 super_admin             *    *    *     *     *      *        *     *           *    *       *       *    -
T2 deactivated             -    -    -     -     -      -        -     -           -    -       -       -    -
T2 deactivated_super_admin -    -    -     -     -      -        -     -           -    -       -       -    -
T2 in_two_accounts         *    -    -     -     -      -        -     -           -    -       -       -    -
"""

ASSETS = """
                           mine made open open_south peers child parent sideways several extra private unowned lost foreign
                           O3   O3   O3   O3         T5    T4    T4     T4       O2      T5    O3      O7      O3   T1
C1 created                 -    *    -    -          -     -     -      -        -       -     -       -       -    -
C1 owned                   *    -    -    -          -     -     -      -        -       -     -       -       -    -
C1 team                    *    *    *    *          *     *     -      -        *       *     -       *       -    -
C1 unassigned              -    -    -    -          -     -     -      -        -       -     -       *       -    -
C1 all                     *    *    *    *          *     *     *      *        *       *     *       *       *    -
C1 made_or_unowned         -    *    -    -          -     -     -      -        -       -     -       *       -    -
C2 viewer                  v    v    v    v          v     v     -      -        v       v     -       v       -    -
C2 updater                 vu   vu   vu   vu         vu    vu    -      -        vu      vu    -       vu      -    -
C3 publisher               vp   vp   vp   vp         vp    vp    -      -        vp      vp    -       vp      -    -
C3 internal_publisher      vi   vi   vi   vi         vi    vi    -      -        vi      vi    -       vi      -    -
C3 mixed                   vudp vuap vup  vup        vup   vup   v      v        vup     vup   v       vup     v    -
C2 writer                  -    -    -    -          -     -     -      -        -       -     -       -       -    -
T4 lead                    *    *    *    *          *     *     *      *        *       -     -       *       *    -
T4 leaf                    *    *    *    *          -     *     -      -        *       -     -       *       -    -
T5 teamless                *    *    *    *          -     -     -      -        -       -     -       *       -    -
T5 extra_only              *    *    *    *          *     *     -      -        *       -     -       *       -    -
C4 department              vu   -    -    -          -     -     -      -        -       -     -       -       -    -
C4 granted                 vd   v    v    v          v     v     -      -        v       v     -       v       -    -
C4 granted_for_an_hour     vd   v    v    v          v     v     -      -        v       v     -       v       -    -
C4 granted_until_before    v    v    v    v          v     v     -      -        v       v     -       v       -    -
C4 denied                  *!u  *!u  *!u  *!u        *!u   *!u   -      -        *!u     *!u   -       *!u     -    -
C4 denied_for_an_hour      *!u  *!u  *!u  *!u        *!u   *!u   -      -        *!u     *!u   -       *!u     -    -
C4 denied_until_before     *    *    *    *          *     *     -      -        *       *     -       *       -    -
C4 denied_view             -    -    -    -          -     -     -      -        -       -     -       -       -    -
C4 denied_part_of_all      *!u  *!u  *!u  *!u        *!u   *!u   *!u    *!u      *!u     *!u   *!u     *!u     *!u  -
T8 owner                   *    *    *    *          *     *     *      *        *       *     *       *       *    -
T7 super_admin             *    *    *    *          *     *     *      *        *       *     *       *       *    -
T2 deactivated             -    -    -    -          -     -     -      -        -       -     -       -       -    -
T2 deactivated_super_admin -    -    -    -          -     -     -      -        -       -     -       -       -    -
T2 in_two_accounts         *    -    -    -          -     -     -      -        -       -     -       -       -    -
"""

# What is the whole account's: whoever holds an action holds it for every row.
SHARED = """
                           shared foreign
                           C1     T1
C1 created                 *      -
C1 owned                   *      -
C1 team                    *      -
C1 unassigned              *      -
C1 all                     *      -
C1 made_or_unowned         *      -
C2 viewer                  v      -
C2 updater                 -      -
C2 publisher               -      -
C2 internal_publisher      -      -
C2 mixed                   v      -
C2 writer                  -      -
T4 lead                    *      -
T4 leaf                    *      -
T5 teamless                *      -
T5 extra_only              *      -
C4 department              v      -
C4 granted                 v      -
C4 granted_for_an_hour     v      -
C4 granted_until_before    v      -
C4 denied                  *      -
C4 denied_for_an_hour      *      -
C4 denied_until_before     *      -
C4 denied_view             *      -
C4 denied_part_of_all      *      -
T8 owner                   *      -
T7 super_admin             *      -
C5 administrator           -      -
C5 marketing_manager       -      -
C5 marketing_team          -      -
C5 member                  -      -
T2 deactivated             -      -
T2 deactivated_super_admin -      -
T2 in_two_accounts         *      -
"""

RECORDS_WITHOUT_TEAMS = """
              mine made others unowned foreign
              O1   O1   T6     T6      T1
C1 created    -    *    -      -       -
C1 owned      *    -    -      -       -
T6 team       *    *    *      *       -
O7 unassigned -    -    -      *       -
C1 all        *    *    *      *       -
"""

ASSETS_WITHOUT_TEAMS = """
              mine made others private unowned foreign
              O1   O1   T6     O3      T6      T1
C1 created    -    *    -      -       -       -
C1 owned      *    -    -      -       -       -
T6 team       *    *    *      -       *       -
O7 unassigned -    -    -      -       *       -
C1 all        *    *    *      *       *       -
"""

SHARED_WITHOUT_TEAMS = """
                           shared foreign
                           C1     T1
C1 created                 *      -
C1 owned                   *      -
T6 team                    *      -
O7 unassigned              *      -
C1 all                     *      -
"""

# The other account: its own rows, and nothing of ours.
ELSEWHERE = """
                   peers sideways open foreign
                   T1    T1       T1   T2
T1 rita            -     -        -    *
T2 in_two_accounts -     -        -    *
"""

SHARED_ELSEWHERE = """
                           shared foreign
                           T1     T2
T1 rita                    -      *
T2 in_two_accounts         -      *
"""

# What built-in roles hold on rows, and on which: as far as scope reaches whoever has the role {C5}.
BUILTIN = """
administrator     all     contacts companies deals leads tickets tasks     vuda
administrator     all     invoices                                         vudae
administrator     all     conversations                                    vec
administrator     all     messages                                         v
administrator     all     marketing_emails                                 ve
administrator     all     ad_campaigns                                     vudtc
administrator     all     social_posts                                     vudpc
administrator     all     landing_pages                                    vudpm
administrator     all     workflows                                        vud
marketing_manager team    contacts companies deals leads tickets tasks     vuda
marketing_manager owned   conversations                                    vec
marketing_manager owned   messages                                         v
marketing_manager team    marketing_emails                                 ve
marketing_manager team    ad_campaigns                                     vudt
marketing_manager team    social_posts                                     vudp
marketing_manager team    landing_pages                                    vudp
marketing_team    team    contacts companies deals leads tickets tasks     vu
marketing_team    owned   conversations                                    ve
marketing_team    owned   messages                                         v
marketing_team    team    marketing_emails                                 ve
marketing_team    team    ad_campaigns social_posts landing_pages          vu
member            created deals leads tickets                              vu
"""
ROLES = ("administrator", "marketing_manager", "marketing_team", "member")

# Who holds one action alone.
PUBLISHERS = {"publisher": "publish", "internal_publisher": "publish_internal"}

# By how rows are reached: in an account with teams, in one without, in another one.
TABLES = {
    "record": (RECORDS, RECORDS_WITHOUT_TEAMS, ELSEWHERE),
    "asset": (ASSETS, ASSETS_WITHOUT_TEAMS, ELSEWHERE),
    "shared": (SHARED, SHARED_WITHOUT_TEAMS, SHARED_ELSEWHERE),
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


def cases(module: Module) -> Iterator[Case]:
    """All cells of a module's matrices."""
    known = possible(module)
    for account, table in zip((ACME, PLAIN, RIVAL), TABLES[module.reach], strict=True):
        head, rules, *lines = table.strip().splitlines()
        columns = list(zip(head.split(), rules.split(), strict=True))
        for line in (*lines, *(builtin(module, lines) if account == ACME else ())):
            rule, who, *cells = line.split()
            for (whose, column_rule), cell in zip(columns, cells, strict=True):
                # Who only publishes has nothing where nothing is published, and so sees nothing (C2).
                held = actions_of(cell) if PUBLISHERS.get(who, "view") in known else frozenset[str]()
                yield Case(module.name, account, f"{rule}+{column_rule}", who, whose, held & known)


def actions_of(cell: str) -> frozenset[str]:
    """The actions for which letters stand."""
    held, _, but = cell.partition("!")
    letters = set(LETTERS) if held == "*" else set(held) - {"-"}
    # Whoever publishes anywhere does so within the company (C3).
    letters |= {"i"} if "p" in letters else set()
    return frozenset(LETTERS[letter] for letter in letters - set(but))


def builtin(module: Module, lines: list[str]) -> Iterator[str]:
    """Lines of the built-in roles: their letters where the line of their scope has every action."""
    if module.reach == "shared":
        return
    pattern = {line.split()[1]: line.split()[2:] for line in lines}
    held = {
        (role, name): (scope, letters)
        for role, scope, *names, letters in map(str.split, BUILTIN.strip().splitlines())
        for name in names
    }
    for role in ROLES:
        scope, letters = held.get((role, module.name), ("all", "-"))
        yield " ".join(["C5", role, *(letters if cell == "*" else "-" for cell in pattern[scope])])
