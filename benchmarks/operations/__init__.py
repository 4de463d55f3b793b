"""What is asked: Q1 to Q10, each as a document for every dialect, with variables for a member and a repetition.

Where PostGraphile's usual way cannot use an index under row-level security, a second form beside it asks the same by
what a knowing user would write instead: Q6r a range on the lower-case twin, Q7f a function over the trigram index.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from benchmarks.members import Member

DIALECTS = ("cloison", "postgraphile")
CREATED = "Benchmark"
PREFIXES = ("schm", "mart", "rodr", "berg", "ande", "john", "dela", "wei", "kram", "vand")
TERMS = ("chmid", "artin", "driguez", "bergen", "ersson", "ohnson", "elaunay", "inber", "ramer", "ander")
LEAST_CENTS = (1_000_000, 2_000_000, 3_000_000)


@dataclass(frozen=True)
class Operation:
    """`writes`: rows are made or changed, so that the state is put back after each run."""

    name: str
    title: str
    writes: bool = False

    def document(self, dialect: str) -> str:
        """The document in a dialect."""
        return document(self.name, dialect)

    def variables(self, dialect: str, member: Member, number: int, cursor: str | None = None) -> dict[str, Any]:
        """Variables for the member; `number` tells repetitions apart."""
        row = member.sample[number % len(member.sample)]
        by_id = {"id": f"Contact:{row}"} if dialect == "cloison" else {"account": str(member.account), "id": str(row)}
        prefix, least = PREFIXES[number % len(PREFIXES)], LEAST_CENTS[number % len(LEAST_CENTS)]
        beyond = {"beyond": prefix[:-1] + chr(ord(prefix[-1]) + 1)} if dialect == "postgraphile" else {}
        asked: dict[str, dict[str, Any]] = {
            "Q1": by_id,
            "Q4": {"least": least if dialect == "cloison" else str(least)},
            "Q5": {"first": f"N{number}", "last": CREATED, "email": f"n{number}@{member.slug}.example"},
            "Q6": {"prefix": prefix},
            "Q6r": {"prefix": prefix, **beyond},
            "Q7": {"term": TERMS[number % len(TERMS)]},
            "Q7f": {"term": TERMS[number % len(TERMS)]},
            "Q8": {"after": cursor},
            "Q9": {**by_id, "title": f"Title {number}"},
        }
        return asked.get(self.name, {})


OPERATIONS = (
    Operation("Q1", "one row by id"),
    Operation("Q2", "50 newest, six fields"),
    Operation("Q3", "20 newest, each with company and five deals"),
    Operation("Q4", "filtered, ordered page with totalCount"),
    Operation("Q5", "create", writes=True),
    Operation("Q6", "startsWith search"),
    Operation("Q6r", "startsWith search; PostGraphile by a range on the lower-case twin"),
    Operation("Q7", "substring search"),
    Operation("Q7f", "substring search; PostGraphile by a function over the trigram index"),
    Operation("Q8", "the page 1,000 pages further, by cursor"),
    Operation("Q9", "update", writes=True),
    Operation("Q10", "25 rows, each with access"),
)
BY_NAME = {operation.name: operation for operation in OPERATIONS}


@cache
def document(name: str, dialect: str) -> str:
    """The text of `operations/DIALECT/NAME.graphql`."""
    return (Path(__file__).parent / dialect / f"{name}.graphql").read_text(encoding="utf-8")
