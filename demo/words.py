"""Plausible values for rows, deterministic by seed: names, companies, products, texts."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cached_property
from random import Random
from uuid import UUID

from mimesis import Address, Locale, Person as Names

from demo.cast import address

SEED = 20_260_101

# The demo's present: fixed, so that two runs on different days make the same rows.
TODAY = date(2026, 1, 1)

PRODUCTS = (
    ("Desk Basic", 24_900), ("Desk Pro", 89_900), ("Chair Classic", 34_900), ("Chair Ergo", 119_000),
    ("Meeting Room Set", 749_000), ("Acoustic Panel", 15_900), ("Standing Desk", 109_000),
    ("Office in a Box", 1_890_000),
)  # fmt: skip
INDUSTRIES = (
    "technology", "medical", "retail", "software", "entertainment", "marketing", "telecommunications", "finance",
    "employment", "services", "education", "manufacturing",
)  # fmt: skip
FIRMS = (
    "& Sons", "& Daughters", "Bakeries", "Clinics", "Consulting", "Foods", "Group", "Holding", "Hotels", "Insurance",
    "Labs", "Logistics", "Media", "Partners", "Pharma", "Properties", "Shipping", "Software", "Studios", "Textiles",
)  # fmt: skip
LETTERS = (
    "Hello, I wrote on {day} already and have not heard from you.", "Could somebody call me back, please?",
    "Since {day} we wait for an answer; our people have to work somewhere.", "Thank you for looking into it.",
    "We are happy otherwise, and would like to have this solved soon.",
)  # fmt: skip
TICKETS = (
    ("delivery", "{product}: has not arrived"), ("delivery", "{product}: a part is missing"),
    ("invoice", "Invoice for {product} shows the wrong address"), ("invoice", "Second copy of the invoice"),
    ("warranty", "{product}: broken after {n} weeks"), ("warranty", "Which warranty does {product} have?"),
    ("account", "New contact for our orders"), ("advice", "{product} or something larger for {n} people?"),
)  # fmt: skip
PAGES = (
    "{product}: {n}% off", "Furnish {n} desks in a day", "Why teams choose {product}", "{product} for {city}",
    "Visit us in {city}", "Webinar: an office for {n} people", "Rent {product} by the month",
)  # fmt: skip


def joined(text: str) -> str:
    """Words in plain small letters, joined by hyphens: for a domain or a path."""
    return address(text, "").removesuffix("@").replace(".", "-")


@dataclass
class Words:
    """Values for one account. Every draw advances the same seeded source, so order is part of the seed."""

    seed: str
    locales: dict[str, Locale]
    chance: Random = field(init=False)
    _made: int = field(default=0, init=False)

    def __post_init__(self) -> None:
        # Not for secrets: the same rows in every run are the point.
        self.chance = Random(f"{SEED} {self.seed}")  # noqa: S311

    @cached_property
    def names(self) -> dict[str, Names]:
        """People's names by country."""
        return {
            country: Names(locale, seed=f"{SEED} {self.seed} {country}") for country, locale in self.locales.items()
        }

    @cached_property
    def places(self) -> dict[str, Address]:
        """Cities by country."""
        seed = f"{SEED} {self.seed}"
        return {country: Address(locale, seed=f"{seed} {country}") for country, locale in self.locales.items()}

    def id(self) -> UUID:
        """A UUID of version 7 that rises with each call and is the same in every run."""
        self._made += 1
        moment = int(datetime(TODAY.year, TODAY.month, TODAY.day, tzinfo=UTC).timestamp() * 1000) + self._made
        return UUID(
            int=moment << 80 | 0x7 << 76 | self.chance.getrandbits(12) << 64 | 0b10 << 62 | self.chance.getrandbits(62)
        )

    def country(self) -> str:
        """Any country of the account."""
        return self.chance.choice(list(self.locales))

    def day(self, earliest: int, latest: int) -> date:
        """A day so many days from the demo's present; earlier ones are negative."""
        return TODAY + timedelta(days=self.chance.randint(earliest, latest))

    def moment(self, earliest: int, latest: int) -> datetime:
        """A time of a working day so many days from the demo's present."""
        day = self.day(earliest, latest)
        return datetime(day.year, day.month, day.day, self.chance.randint(8, 17), self.chance.randrange(60), tzinfo=UTC)

    def often(self, share: float) -> bool:
        """True in that share of the draws."""
        return self.chance.random() < share

    def company(self, country: str) -> dict[str, object]:
        """Values of a company."""
        industry = self.chance.choice(INDUSTRIES)
        name = f"{self.names[country].last_name()} {self.chance.choice(FIRMS)}"
        city = self.places[country].city()
        employees = round(10 ** self.chance.uniform(0.7, 4))
        return {
            "name": name,
            "domain": f"{joined(name)}.example",
            "industry": industry,
            "phone": self.names[country].phone_number(),
            "city": city,
            "country": country,
            "founded_year": self.chance.randint(1920, 2024),
            "employee_count": employees,
            "annual_revenue_cents": employees * self.chance.randint(6_000_000, 30_000_000),
            "description": f"{industry.capitalize()}, {employees} people, head office in {city}.",
        }

    def contact(self, country: str, domain: str | None) -> dict[str, object]:
        """Values of a contact at a company with this domain."""
        first, last = self.names[country].first_name(), self.names[country].last_name()
        stages = (
            "subscriber",
            "lead",
            "marketing_qualified",
            "sales_qualified",
            "opportunity",
            "customer",
        )
        return {
            "first_name": first,
            "last_name": last,
            "email": address(f"{first} {last}", domain or "mail.example"),
            "phone": self.names[country].phone_number(),
            "job_title": self.names[country].occupation(),
            "lifecycle_stage": self.chance.choices(stages, (2, 6, 4, 3, 4, 5))[0],
            "city": self.places[country].city(),
            "country": country,
            "last_contacted_at": self.moment(-300, -1) if self.often(0.8) else None,
        }

    def private(self, country: str) -> dict[str, object]:
        """Sensitive values of a contact."""
        return {
            "birth_date": self.day(-70 * 365, -20 * 365),
            "home_address": self.places[country].address(),
            "personal_phone": self.names[country].phone_number(),
        }

    def deal(self, firm: str | None) -> dict[str, object]:
        """Values of a deal with a company of that name."""
        product, price = self.chance.choice(PRODUCTS)
        stages = ("prospecting", "engaging", "proposal", "negotiation", "won", "lost")
        stage = self.chance.choices(stages, (3, 4, 3, 2, 6, 4))[0]
        chances = {"prospecting": 10, "engaging": 25, "proposal": 50, "negotiation": 75, "won": 100, "lost": 0}
        engaged = None if stage == "prospecting" else self.day(-500, -30)
        closed = None
        if engaged is not None and stage in ("won", "lost"):
            closed = min(engaged + timedelta(days=self.chance.randint(5, 120)), TODAY)
        return {
            "name": f"{product} for {firm}" if firm else product,
            "stage": stage,
            "product": product,
            "amount_cents": price * self.chance.randint(1, 40),
            "probability": chances[stage],
            "engaged_on": engaged,
            "expected_close_on": None if closed else self.day(1, 200),
            "closed_on": closed,
        }

    def ticket(self) -> dict[str, object]:
        """Values of a ticket."""
        category, subject = self.chance.choice(TICKETS)
        status = self.chance.choices(("new", "waiting_on_contact", "waiting_on_us", "closed"), (2, 2, 3, 6))[0]
        asked = self.moment(-200, -1)
        return {
            "subject": subject.format(product=self.chance.choice(PRODUCTS)[0], n=self.chance.randint(2, 60)),
            "description": self.chance.choice(LETTERS).format(day=asked.date()),
            "status": status,
            "priority": self.chance.choices(("low", "medium", "high", "urgent"), (3, 6, 3, 1))[0],
            "category": category,
            "source": self.chance.choice(("email", "chat", "form", "phone")),
            "due_at": asked + timedelta(days=self.chance.randint(1, 10)),
            "closed_at": asked + timedelta(hours=self.chance.randint(1, 200)) if status == "closed" else None,
        }

    def page(self) -> dict[str, object]:
        """Values of a landing page."""
        product, n = self.chance.choice(PRODUCTS)[0], self.chance.randint(5, 40)
        city = self.places[self.country()].city()
        title = self.chance.choice(PAGES).format(product=product, n=n, city=city)
        return {
            "title": title,
            "slug": f"{joined(title)}-{self._made}",
            "body": f"{product}, ready in {n} days, in {city} and elsewhere. Leave your address, and we call you.",
            "meta_description": f"{product}: what it costs, and how soon it is there.",
        }
