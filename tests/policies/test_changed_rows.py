"""O5, T10: payloads say which rows changed, and for whom, as far as the caller sees them: for caches by id."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

import pytest

from resolvers.session import Database
from schema.assignments import ASSIGNED, assignment_name
from schema.names import plural_field
from schema.registry import Module
from tests.policies.conftest import Play
from tests.policies.test_assignment_of_many import COMPANY, RIVAL, ids_of
from tests.policies.test_dry_run import ask, real
from tests.support.model import Account, Member, Row, Team

pytestmark = pytest.mark.any_server
__all__ = ["real"]


@pytest.fixture(scope="module")
async def works(playground: Play) -> Play:
    play = replace(playground)
    await play.begin(COMPANY, RIVAL)
    return play


def mutation(module: Module, more: str = "") -> str:
    name = assignment_name(module)
    return f"""mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{
      changed changedIds {plural_field(module)} {{ id owner {{ id }} }} {more}
    }} }}"""


DEAL = next(module for module in ASSIGNED if module.name == "deals")


@pytest.mark.parametrize("module", ASSIGNED, ids=lambda module: module.name)
async def test_the_rows_that_changed_are_told_as_they_are_then(works: Play, module: Module) -> None:
    """O5: in order of their ids; not those that were refused, nor those that were so already."""
    ids = sorted(f"{module.type_name}:{row}" for row in ids_of(works, module.name, "team"))
    peer = f"Person:{works.built.user('peer')}"
    wish = {"ids": [*ids, f"{module.type_name}:{uuid4()}"], "ownerId": peer, "partial": True}
    data, codes = await works.asks("team", mutation(module), {"input": wish})
    assert codes == {}
    assert data[assignment_name(module)] == {
        "changed": 2,
        "changedIds": ids,
        plural_field(module): [{"id": each, "owner": {"id": peer}} for each in ids],
    }
    # Of the two, one is his already, and is not written.
    mine = f"Person:{works.built.user('team')}"
    data, codes = await works.asks("team", mutation(module), {"input": {**wish, "ownerId": mine}})
    assert (codes, len(data[assignment_name(module)]["changedIds"])) == ({}, 1)


async def test_what_is_out_of_sight_then_is_not_told(works: Play) -> None:
    """The keeper sees what he owns: what he gives away is changed, and hidden from him."""
    given = [f"Deal:{ids_of(works, 'deals', 'keeper')[0]}"]
    wish = {"ids": given, "ownerId": f"Person:{works.built.user('peer')}"}
    text = mutation(DEAL, "hidden")
    data, codes = await works.asks("keeper", text, {"input": wish})
    assert (codes, data["assignDeals"]) == ({}, {"changed": 1, "changedIds": [], "deals": [], "hidden": 1})
    root, codes = await works.asks("root", text, {"input": wish})
    assert (codes, root["assignDeals"]["changedIds"]) == ({}, given), "somebody sees it"


async def test_a_job_tells_its_own(works: Play) -> None:
    wish: dict[str, Any] = {"where": {}, "ownerId": None, "partial": True, "background": True}
    data, codes = await works.asks("root", mutation(DEAL, "job { status }"), {"input": wish})
    assert codes == {}
    told: dict[str, Any] = {"changed": None, "changedIds": [], "deals": [], "job": {"status": "QUEUED"}}
    assert data["assignDeals"] == told


async def test_a_retry_tells_what_one_sees_by_then(play: Play, real: Database) -> None:
    """What was changed once is read under the rights of now."""
    await play.begin(COMPANY, RIVAL)
    ids = sorted(f"Deal:{row}" for row in ids_of(play, "deals", "team"))
    wish = {"ids": ids, "ownerId": f"Person:{play.built.user('peer')}", "idempotencyKey": uuid4().hex}
    first, errors = await ask(play, real, "root", mutation(DEAL), wish)
    assert (errors, first["changedIds"]) == ([], ids)
    gone = "delete from crm.deals where id = $1"
    assert await play.commits("root", gone, UUID(ids[0].partition(":")[2])) == "done"
    again, errors = await ask(play, real, "root", mutation(DEAL), wish)
    assert (errors, again["changed"], again["changedIds"]) == ([], 2, ids[1:])
    assert [each["id"] for each in again["deals"]] == ids[1:]


LEAVING = Account(
    "leaving",
    (Member("root", "Owner", super_admin=True), Member("ada", "Member", "north"), Member("ben", "Member", "north")),
    (Team("north"),),
    rows=(
        Row("one", "deals", "root", "ada", ("north",)),
        Row("two", "deals", "root", "ada", ("north",)),
        Row("ticket", "tickets", "root", "ada", ("north",)),
        Row("page", "landing_pages", "root", "root", ("north",)),
    ),
)


@pytest.mark.parametrize("name", ["removeMember", "erasePerson"])
async def test_who_goes_leaves_what_is_told_by_module(play: Play, real: Database, name: str) -> None:
    """T10, X2: a dry run tells the same."""
    await play.begin(LEAVING)
    text = f"""mutation ($input: {name[0].upper()}{name[1:]}Input!) {{ {name}(input: $input) {{
      reassigned reassignedByModule {{ module count }} person {{ id name }}
      newOwner {{ person {{ name }} owns {{ module count }} }}
    }} }}"""
    ada = play.built.user("ada")
    given: dict[str, Any] = {"memberId": f"Member:{ada}", "newOwnerId": f"Person:{play.built.user('ben')}"}
    by_module = [{"module": "deals", "count": 2}, {"module": "tickets", "count": 1}]
    for dry_run in (True, False):
        done, errors = await ask(play, real, "root", text, {**given, "dryRun": dry_run})
        assert errors == []
        assert (done["reassigned"], done["reassignedByModule"]) == (3, by_module)
        assert done["newOwner"] == {"person": {"name": "ben"}, "owns": by_module}
        assert done["person"] == {
            "id": f"Person:{ada}", "name": "ada" if name == "removeMember" else f"Erased person {str(ada)[:4]}",
        }  # fmt: skip
        owners = await play.admin.fetch("select owner_id from crm.deals where account_id = $1", play.account)
        assert {row["owner_id"] for row in owners} == {ada if dry_run else play.built.user("ben")}


async def test_who_owns_nothing_leaves_nothing(play: Play, real: Database) -> None:
    await play.begin(LEAVING)
    text = """mutation ($input: RemoveMemberInput!) { removeMember(input: $input) {
      reassigned reassignedByModule { module count } newOwner { id } } }"""
    done, errors = await ask(play, real, "root", text, {"memberId": f"Member:{play.built.user('ben')}"})
    assert (done, errors) == ({"reassigned": 0, "reassignedByModule": [], "newOwner": None}, [])


async def test_sabotage_what_the_function_says_and_what_policies_show_are_two_walls(works: Play) -> None:
    """A function that says too much shows nothing more; one that says too little is seen."""
    given = [f"Deal:{ids_of(works, 'deals', 'keeper')[0]}"]
    wish = {"ids": given, "ownerId": f"Person:{works.built.user('peer')}"}
    says = "select pg_get_functiondef('access_private.assign_rows_of_deals(jsonb, uuid[])'::regprocedure)"
    former = await works.admin.fetchval(says)
    seen = " FILTER (where d.seen)" if " FILTER (where d.seen)" in former else " filter (where d.seen)"
    for broken, who in (
        (former.replace(seen, ""), "keeper"),
        (former.replace("'ids'", "'no ids'"), "root"),
    ):
        assert broken != former
        await works.admin.execute(broken)
        try:
            data, codes = await works.asks(who, mutation(DEAL), {"input": wish})
        finally:
            await works.admin.execute(former)
        assert (codes, data["assignDeals"]) == ({}, {"changed": 1, "changedIds": [], "deals": []})
    data, codes = await works.asks("root", mutation(DEAL), {"input": wish})
    assert (codes, data["assignDeals"]["changedIds"]) == ({}, given)
