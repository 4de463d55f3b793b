"""Who may do what with whose row: every cell of tables.py, through every door."""

import pytest

from schema.modules import REGISTRY
from tests.policies.company import SUBJECTS
from tests.policies.conftest import Stage
from tests.policies.doors import MODULES
from tests.policies.tables import LETTERS, MATRICES, Case, cases

pytestmark = pytest.mark.any_server

CASES = [case for module in MATRICES for case in cases(module)]
COLUMNS: dict[tuple[str, str, str], tuple[str, ...]] = {}
for each in CASES:
    key = each.module, each.account, each.who
    COLUMNS[key] = (*COLUMNS.get(key, ()), each.whose)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
@pytest.mark.parametrize("door", ["sql", "analyst", "graphql"])
async def test_cell(stage: Stage, door: str, case: Case) -> None:
    """The id says module, rules, account, who acts, whose row it is, and what is allowed."""
    witnessed = await stage.witness(door, case.module, case.account, case.who, case.whose)
    possible = stage.doors[door].actions & set(MODULES[case.module].row_actions)
    assert witnessed == possible, "whoever may do everything can do it to this row: it exists"

    columns = COLUMNS[case.module, case.account, case.who]
    found = await stage.verdicts(door, case.module, case.account, case.who, columns)

    assert found[case.whose] == case.allowed & stage.doors[door].actions


def test_every_module_has_a_matrix() -> None:
    assert MATRICES.keys() == REGISTRY.by_name.keys()


@pytest.mark.parametrize("name", REGISTRY.by_name)
def test_a_matrix_has_everybody_and_every_action_that_reads_or_changes_a_row(name: str) -> None:
    of_module = [case for case in CASES if case.module == name]
    assert {case.who for case in of_module} >= {member.user for member in SUBJECTS}
    named = set().union(*(case.allowed for case in of_module))
    assert named == set(LETTERS.values()) & set(MODULES[name].row_actions)
