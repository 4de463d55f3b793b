"""Who works in the demo accounts: teams, roles and people, the same in every run."""

import unicodedata

from mimesis import Locale, Person as Names

from demo.company import Company, Person, Role, Team, cells

RECORDS = "contacts companies deals tickets"

# Country: its language, its branches, and the region that it belongs to.
COUNTRIES = {
    "France": (Locale.FR, ("Paris", "Lyon"), "Europe"),
    "Germany": (Locale.DE, ("Berlin", "Munich"), "Europe"),
    "United States": (Locale.EN, ("Boston", "Denver"), "Americas"),
    "Brazil": (Locale.PT_BR, ("São Paulo", "Recife"), "Americas"),
}
REGIONS = ("Europe", "Americas")
LOCALES = {country: locale for country, (locale, _, _) in COUNTRIES.items()}

REGIONAL_LEAD = Role(
    "Regional lead",
    cells(RECORDS, "view view_sensitive update delete clone assign export", "team")
    | cells(RECORDS, "create import")
    | cells("landing_pages", "view", "team")
    | cells("users teams", "view"),
)
SALES_MANAGER = Role(
    "Sales manager",
    cells(RECORDS, "view view_sensitive update delete clone assign", "team")
    | cells(RECORDS, "create import")
    | cells("landing_pages", "view", "team"),
)
SALES_AGENT = Role(
    "Sales agent",
    cells("contacts deals tickets", "view update clone", "created owned")
    | cells("companies", "view", "created owned team")
    | cells("companies", "update", "created owned")
    | cells(RECORDS, "create"),
)
MARKETING_MANAGER = Role(
    "Marketing lead",
    cells("landing_pages", "view update delete clone assign publish", "team")
    | cells("landing_pages", "create")
    | cells("contacts companies", "view", "all"),
)
MARKETING_EDITOR = Role(
    "Marketing editor",
    cells("landing_pages", "view update clone", "team")
    | cells("landing_pages", "create")
    | cells("contacts", "view", "unassigned"),
)
SERVICE_AGENT = Role(
    "Service agent",
    cells("tickets", "view update", "team unassigned")
    | cells("tickets", "create")
    | cells("contacts companies", "view", "all"),
)
EXTERNAL = Role("External viewer", cells("contacts", "view", "team"))
SALESPERSON = Role(
    "Salesperson",
    cells(RECORDS, "view update", "team") | cells(RECORDS, "create") | cells("landing_pages", "view", "team"),
)


def meridian() -> Company:
    """The large account: three levels of teams, fifty people, professional tier."""
    teams = [
        *(Team(region, region) for region in REGIONS),
        *(Team(country, country, region) for country, (_, _, region) in COUNTRIES.items()),
        *(Team(branch, branch, country) for country, (_, branches, _) in COUNTRIES.items() for branch in branches),
        Team("Marketing", "Marketing"),
        Team("Web", "Web", "Marketing"),
        Team("Customer service", "Customer service"),
    ]
    people = [*_personas(), *_colleagues()]
    roles = (
        REGIONAL_LEAD, SALES_MANAGER, SALES_AGENT, MARKETING_MANAGER, MARKETING_EDITOR, SERVICE_AGENT, EXTERNAL,
    )  # fmt: skip
    tiers = {"sales": "professional", "marketing": "professional", "service": "professional"}
    return Company("meridian", "Meridian Supplies", tiers, tuple(teams), roles, tuple(people))


def atelier() -> Company:
    """The small account: four people, no teams, free tier."""
    domain = "atelier.example"
    people = (
        Person("Mia Rossi", f"mia.rossi@{domain}", "Owner", remark="the other account: none of Meridian's rows"),
        Person(
            "Noah Duval", f"noah.duval@{domain}", "Salesperson",
            remark="scope team in an account without teams: the whole account",
        ),
        Person("Lena Fischer", f"lena.fischer@{domain}", "Member", remark="the built-in role: what she made"),
        Person("Paul Petit", f"paul.petit@{domain}", "Salesperson"),
    )  # fmt: skip
    return Company("atelier", "Atelier Rossi", {}, (), (SALESPERSON,), people)


def _personas() -> list[Person]:
    def person(name: str, role: str, team: str | None, remark: str, *extra: str, active: bool = True) -> Person:
        return Person(name, address(name, "meridian.example"), role, team, extra, active, remark)

    return [
        person("Ada Moreau", "Owner", None, "everything"),
        person("Ben Okafor", "Administrator", None, "every row, but may not manage roles"),
        person("Clara Lindqvist", "Regional lead", "Europe", "the four branches below Europe, nothing of the Americas"),
        person("Diego Santos", "Sales manager", "Brazil", "both branches of Brazil"),
        person("Emma Laurent", "Sales agent", "Paris", "what she made or owns"),
        person("Finn Weber", "Sales manager", "Munich", "Munich, and Lyon through an extra team", "Lyon"),
        person("Grace Kim", "Marketing editor", "Web", "open pages and those of her team; may edit, not publish"),
        person("Hugo Silva", "Service agent", "Customer service", "tickets of his team, and those that nobody owns"),
        person("Iris Novak", "External viewer", "Lyon", "contacts of one branch, read-only"),
        person("Jonas Berg", "Member", "Denver", "the built-in role: deals and tickets that he made"),
        person("Kemal Aydin", "Sales agent", "Berlin", "deactivated: not let in, and still owns rows", active=False),
    ]


def _colleagues() -> list[Person]:
    """Everybody who is not a persona: leads, managers, agents, marketing and service."""
    taken: set[str] = set()
    names = {country: Names(locale, seed=f"cast {country}") for country, locale in LOCALES.items()}

    def hire(country: str, role: str, team: str) -> Person:
        while (name := names[country].full_name()) in taken or "." in name:
            pass
        taken.add(name)
        return Person(name, address(name, "meridian.example"), role, team)

    hired = [hire("United States", "Regional lead", "Americas")]
    hired += [hire(country, "Sales manager", country) for country in ("France", "Germany", "United States")]
    for country, (_, branches, _) in COUNTRIES.items():
        for branch in branches:
            personas = sum(branch == team for team in ("Paris", "Berlin"))
            hired += [hire(country, "Sales agent", branch) for _ in range(3 - personas)]
    hired += [hire("France", "Marketing lead", "Marketing"), hire("Germany", "Marketing editor", "Marketing")]
    hired += [hire("United States", "Marketing editor", "Web") for _ in range(2)]
    hired += [hire(country, "Service agent", "Customer service") for country in COUNTRIES]
    hired += [hire("United States", "Member", "Boston")]
    hired += [hire(country, "Sales agent", branch) for country, (_, (branch, _), _) in COUNTRIES.items()]
    return hired


def address(name: str, domain: str) -> str:
    """An e-mail address: the name's words in plain small letters."""
    plain = unicodedata.normalize("NFKD", name)
    words = ("".join(letter for letter in word if letter.isascii() and letter.isalpha()) for word in plain.split())
    return ".".join(word for word in words if word).lower() + f"@{domain}"
