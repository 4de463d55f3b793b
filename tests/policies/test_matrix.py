"""Who may do what with whose row: every line of tables.py, through every door."""

from collections import defaultdict

import pytest

from schema.modules import REGISTRY
from tests.policies.company import SUBJECTS, possible
from tests.policies.conftest import Stage
from tests.policies.doors import MODULES
from tests.policies.tables import LETTERS, Case, cases

pytestmark = pytest.mark.any_server

# Module, account, who acts: the cells of the line.
LINES: dict[tuple[str, str, str], list[Case]] = defaultdict(list)
for module in REGISTRY.modules:
    for case in cases(module):
        LINES[module.name, case.account, case.who].append(case)

# All doors lead to the same policies. SQL is tried with everybody for every module; the others, which take longer, for
# modules of each kind and with each action, and with few for the rest.
WITH_EVERYBODY = {
    *("contacts", "deals", "invoices", "conversations", "messages", "interactions"),
    *("marketing_emails", "ad_campaigns", "landing_pages", "pipelines", "pipeline_stages"),
}
FEW = {"created", "team", "mixed", "marketing_manager", "rita"}


def lines(door: str) -> list[tuple[str, str, str, str]]:
    """Door, and which lines are tried through it."""
    return [
        (door, name, account, who)
        for name, account, who in LINES
        if door == "sql" or name in WITH_EVERYBODY or who in FEW
    ]


ALL = [line for door in ("sql", "analyst", "graphql") for line in lines(door)]


def named(line: tuple[str, str, str, str]) -> str:
    """Module, rules, account, who acts, through which door."""
    door, name, account, who = line
    rules = dict.fromkeys(rule for case in LINES[name, account, who] for rule in case.rules.split("+"))
    return f"{name}-{'+'.join(rules)}-{account}-{who}-{door}"


@pytest.mark.parametrize(("door", "name", "account", "who"), ALL, ids=[named(line) for line in ALL])
async def test_line(stage: Stage, door: str, name: str, account: str, who: str) -> None:
    """The id says module, rules, account, who acts and how he comes in; rows are known by whose they are."""
    found_line = LINES[name, account, who]
    columns = tuple(case.whose for case in found_line)
    everything = stage.doors[door].actions & possible(MODULES[name])
    assert await stage.witnesses(door, name, account, who, columns) == dict.fromkeys(columns, everything), (
        "whoever may do everything can do it to these rows: they exist"
    )

    found = await stage.verdicts(door, name, account, who, columns)

    assert found == {case.whose: case.allowed & stage.doors[door].actions for case in found_line}


@pytest.mark.parametrize("name", REGISTRY.by_name)
def test_a_matrix_has_everybody_and_every_action_that_reads_or_changes_a_row(name: str) -> None:
    of_module = [case for (module, _, _), found in LINES.items() if module == name for case in found]
    assert {case.who for case in of_module} >= {member.user for member in SUBJECTS}
    allowed = set().union(*(case.allowed for case in of_module))
    assert allowed == possible(MODULES[name]) <= set(LETTERS.values())
