"""Rows of the demo accounts: who made which, for whom, about what.

Each row is one that its creator may make: it refers only to rows and people whom the creator sees, and is given only to
whom the creator may assign. The database checks that again when the rows go in.
"""

from collections.abc import Iterable
from random import Random

from demo.cast import COUNTRIES, LOCALES, REGIONS, atelier, meridian
from demo.company import Company, Person, Row
from demo.words import Words

COUNTRY_OF = {branch: country for country, (_, branches, _) in COUNTRIES.items() for branch in branches}
BRANCHES: dict[str, tuple[str, ...]] = {country: branches for country, (_, branches, _) in COUNTRIES.items()}
BRANCHES |= {
    region: tuple(branch for _, branches, above in COUNTRIES.values() if above == region for branch in branches)
    for region in REGIONS
}

AGENTS, MANAGERS = ("Sales agent",), ("Sales manager", "Regional lead")

# 20,000 rows.
MERIDIAN = {"companies": 2_000, "contacts": 7_000, "deals": 6_000, "tickets": 4_800, "landing_pages": 200}
ATELIER = {"companies": 24, "contacts": 70, "deals": 60, "tickets": 40, "landing_pages": 6}


def companies() -> tuple[Company, ...]:
    """Both demo accounts with all their rows; the same in every call."""
    return _large(), _small()


def share(total: int, parts: int, chance: Random) -> list[int]:
    """`total` cut into `parts` of uneven size, none of them empty where there is enough."""
    if parts == 0:
        return []
    weights = [chance.uniform(0.6, 1.6) for _ in range(parts)]
    sizes = [int(total * weight / sum(weights)) for weight in weights]
    for at in range(total - sum(sizes)):
        sizes[at % parts] += 1
    return sizes


class _Writing:
    """An account whose rows are being made."""

    def __init__(self, company: Company, words: Words) -> None:
        self.company, self.words = company, words
        self.made: dict[str, list[Row]] = {}

    def add(self, module: str, creator: Person, values: dict[str, object], owner: Person | None, **more: object) -> Row:
        """A row; a record goes to its owner's main team unless another is named (O4)."""
        row = Row(module, self.words.id(), creator.email, owner.email if owner else None, values)
        for name, value in more.items():
            setattr(row, name, value)
        if module != "landing_pages" and row.team is None and not row.is_open and owner is not None:
            row.team = owner.team
        self.company.rows.append(row)
        self.made.setdefault(module, []).append(row)
        return row

    def each(self, roles: tuple[str, ...], total: int) -> Iterable[tuple[Person, int]]:
        """Everybody with one of the roles, and how many of `total` rows are theirs to make."""
        people = [person for person in self.company.people if person.role in roles]
        return zip(people, share(total, len(people), self.words.chance), strict=True)

    def known(self, module: str, to: Person) -> list[Row]:
        """Rows of a module that somebody made or owns, or that are open to all."""
        return [row for row in self.made.get(module, []) if row.is_open or to.email in (row.creator, row.owner)]


def _large() -> Company:
    company = meridian()
    writing = _Writing(company, Words("meridian", LOCALES))
    _companies(writing)
    _contacts(writing)
    _deals(writing)
    _tickets(writing)
    _pages(writing)
    return company


def _companies(writing: _Writing) -> None:
    """300 that everybody sees, some of them below others; 500 that managers hand out; the rest are agents' own."""
    words, rows = writing.words, writing.company.rows
    for number in range(300):
        values = words.company(words.country())
        if number >= 30 and words.often(0.2):
            values["parent_id"] = words.chance.choice(rows[:30]).id
        writing.add("companies", writing.company.owner, values, None, is_open=True)
    for manager, size in writing.each(MANAGERS, 500):
        for _ in range(size):
            _assigned(writing, manager, "companies", words.company(_home(manager, words)))
    for agent, size in writing.each(AGENTS, MERIDIAN["companies"] - 800):
        for _ in range(size):
            writing.add("companies", agent, words.company(_home(agent, words)), agent)


def _contacts(writing: _Writing) -> None:
    """200 that nobody owns yet; 1,400 that managers hand out, with private addresses; the rest are agents' own."""
    words = writing.words
    for _ in range(200):
        writing.add("contacts", writing.company.owner, words.contact(words.country(), None), None)
    for manager, size in writing.each(MANAGERS, 1_400):
        firms = writing.known("companies", manager)
        for _ in range(size):
            country = _home(manager, words)
            row = _assigned(writing, manager, "contacts", _at(words, country, firms))
            row.sensitive = words.private(country) if words.often(0.3) else {}
    for agent, size in writing.each(AGENTS, MERIDIAN["contacts"] - 1_600):
        firms = writing.known("companies", agent)
        for _ in range(size):
            writing.add("contacts", agent, _at(words, _home(agent, words), firms), agent)


def _deals(writing: _Writing) -> None:
    """900 that managers hand out; 150 of people with the built-in role; the rest are agents' own, with contacts."""
    words = writing.words
    for manager, size in writing.each(MANAGERS, 900):
        firms = writing.known("companies", manager)
        for _ in range(size):
            _assigned(writing, manager, "deals", _with(words, firms))
    for agent, size in writing.each(AGENTS, MERIDIAN["deals"] - 1_050):
        firms, people = writing.known("companies", agent), writing.known("contacts", agent)
        for _ in range(size):
            known = words.chance.sample(people, min(len(people), words.chance.randint(0, 2)))
            contacts = tuple(row.id for row in known)
            writing.add("deals", agent, _with(words, firms), agent, contacts=contacts)
    for member, size in writing.each(("Member",), 150):
        for _ in range(size):
            writing.add("deals", member, words.deal(None), member)


def _tickets(writing: _Writing) -> None:
    """250 from the web form that nobody owns, 500 of agents, 150 of the built-in role; the rest are the service's."""
    words, everybody = writing.words, writing.made["contacts"]
    for person, size in writing.each(("Service agent",), MERIDIAN["tickets"] - 900):
        for _ in range(size):
            values = words.ticket() | {"contact_id": words.chance.choice(everybody).id}
            writing.add("tickets", person, values, person)
    for agent, size in writing.each(AGENTS, 500):
        people = writing.known("contacts", agent)
        for _ in range(size):
            values = words.ticket() | {"contact_id": words.chance.choice(people).id if people else None}
            writing.add("tickets", agent, values, agent)
    for member, size in writing.each(("Member",), 150):
        for _ in range(size):
            writing.add("tickets", member, words.ticket(), member)
    for _ in range(250):
        values = words.ticket() | {"source": "form", "status": "new", "contact_id": words.chance.choice(everybody).id}
        writing.add("tickets", writing.company.owner, values, None)


def _pages(writing: _Writing) -> None:
    """20 of the owner's with a domain, 60 of the marketing lead's, some restricted; the rest are editors' drafts."""
    words, company = writing.words, writing.company
    (lead,) = company.within("Marketing", role="Marketing lead")
    for editor, size in writing.each(("Marketing editor",), MERIDIAN["landing_pages"] - 80):
        for _ in range(size):
            writing.add("landing_pages", editor, words.page(), editor)
    for _ in range(60):
        restricted = words.often(0.5)
        teams = (words.chance.choice(("Marketing", "Web")),) if restricted else ()
        status = {"status": "published", "destination": "public"} if words.often(0.6) else {}
        writing.add("landing_pages", lead, words.page() | status, lead, restricted=restricted, teams=teams)
    for number in range(20):
        teams = (words.chance.choice(list(company.below)),)
        domain = {"domain": "shop.meridian.example", "status": "published", "destination": "public"}
        writing.add(
            "landing_pages",
            company.owner,
            words.page() | domain,
            company.owner,
            restricted=number % 2 == 0,
            teams=teams,
        )


def _small() -> Company:
    company = atelier()
    words = Words("atelier", {"France": LOCALES["France"]})
    writing = _Writing(company, words)
    for module, total in ATELIER.items():
        for person, size in writing.each(("Owner",) if module == "landing_pages" else ("Owner", "Salesperson"), total):
            firms, people = writing.made.get("companies", []), writing.made.get("contacts", [])
            for _ in range(size):
                writing.add(module, person, _value(words, module, firms, people), person)
    for member, size in writing.each(("Member",), 5):
        for _ in range(size):
            writing.add("deals", member, words.deal(None), member)
            writing.add("tickets", member, words.ticket(), member)
    return company


def _value(words: Words, module: str, firms: list[Row], people: list[Row]) -> dict[str, object]:
    match module:
        case "companies":
            return words.company("France")
        case "contacts":
            return _at(words, "France", firms)
        case "deals":
            return _with(words, firms)
        case "tickets":
            return words.ticket() | {"contact_id": words.chance.choice(people).id}
    return words.page()


def _assigned(writing: _Writing, manager: Person, module: str, values: dict[str, object]) -> Row:
    """A row that a manager makes and hands to somebody in a team below, or leaves there for whoever takes it."""
    words, company = writing.words, writing.company
    assert manager.team is not None  # noqa: S101 - managers have a team
    branch = words.chance.choice(BRANCHES.get(manager.team) or (manager.team,))
    agents = list(company.within(branch, role="Sales agent"))
    if not agents or words.often(0.1):
        return writing.add(module, manager, values, None, team=branch)
    return writing.add(module, manager, values, words.chance.choice(agents))


def _at(words: Words, country: str, firms: list[Row]) -> dict[str, object]:
    if not firms or words.often(0.1):
        return words.contact(country, None)
    firm = words.chance.choice(firms)
    return words.contact(country, str(firm.values["domain"])) | {"company_id": firm.id}


def _with(words: Words, firms: list[Row]) -> dict[str, object]:
    if not firms or words.often(0.15):
        return words.deal(None)
    firm = words.chance.choice(firms)
    return words.deal(str(firm.values["name"])) | {"company_id": firm.id}


def _home(person: Person, words: Words) -> str:
    """The country that somebody works in."""
    team = person.team or ""
    if team in COUNTRY_OF:
        return COUNTRY_OF[team]
    if team in REGIONS:
        return words.chance.choice([country for country, (_, _, above) in COUNTRIES.items() if above == team])
    return team
