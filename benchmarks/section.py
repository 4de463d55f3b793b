"""The section of RESULTS.md about requests: templates/requests.md with the tables below."""

from collections import Counter
from collections.abc import Sequence

from benchmarks.contenders import Course
from benchmarks.members import Member
from benchmarks.peers import POOL
from benchmarks.report import TEMPLATES
from benchmarks.summary import Requests


def write(command: str, course: Course, each: int, found: Requests, *, versions: Sequence[str], hardware: str) -> str:
    """The section."""
    size, options = course.database.size, course.options
    head = (
        (TEMPLATES / "requests.md")
        .read_text(encoding="utf-8")
        .format(
            command=command,
            contacts=size.contacts,
            companies=size.companies,
            deals=size.deals,
            members=size.members,
            teams=size.teams,
            asking=len(course.members),
            mix=_mix(course.members),
            each=each,
            connections=options.connections,
            pool=POOL,
            rounds=options.rounds,
            seconds=options.seconds,
            noise=found.noise(),
            versions=", ".join(versions),
            hardware=hardware,
        )
    )
    return f"{head}\n{found.tables()}"


def _mix(members: Sequence[Member]) -> str:
    scopes = Counter(member.scope for member in members)
    sees = {"own": "see their own rows", "team": "their teams'", "all": "all of their account"}
    return ", ".join(f"{count} {sees[scope]}" for scope, count in scopes.items())
