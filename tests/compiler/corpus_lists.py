"""Operations that filter, order and page."""

from typing import Any

from tests.compiler.corpus import Case, CursorAt, Id, Known

DEAL = Id("Deal", "deals", 0)
AMOUNTS = ("AMOUNT_CENTS_DESC",)
MIXED = ("STAGE_ASC", "AMOUNT_CENTS_DESC", "NAME_ASC")
NEWEST = ("CREATED_AT_DESC",)
OLDEST = ("CREATED_AT_ASC",)


def where(name: str, field_name: str, condition: dict[str, Any], order: str = "CREATED_AT_ASC") -> Case:
    """All rows of a list that fulfil a condition, given as a variable."""
    type_name = {"companies": "Company", "landingPages": "LandingPage"}.get(field_name, field_name[:-1].capitalize())
    return Case(
        name,
        f"query ($where: {type_name}Where) {{ {field_name}(where: $where, orderBy: [{order}], first: 100) "
        "{ totalCount nodes { id } } }",
        {"where": condition},
    )


def paged(name: str, field_name: str, order: tuple[str, ...], arguments: dict[str, Any]) -> Case:
    """A page with everything that says where it stands."""
    type_name = {"companies": "Company"}.get(field_name, field_name[:-1].capitalize())
    return Case(
        name,
        f"query ($order: [{type_name}Order!], $first: Int, $after: String, $last: Int, $before: String) {{\n"
        f"  {field_name}(orderBy: $order, first: $first, after: $after, last: $last, before: $before) {{\n"
        "    edges { cursor node { id } } nodes { id } totalCount\n"
        "    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }",
        {"order": list(order), **arguments},
    )


FILTERS = [
    where("eq_text", "deals", {"name": {"eq": "Beta deal"}}),
    where("ne_nullable", "deals", {"product": {"ne": "Plus"}}),
    where("in_text", "deals", {"product": {"in": ["Plus", "plus", "none"]}}),
    where("in_empty", "deals", {"product": {"in": []}}),
    where("compare_numbers", "deals", {"amountCents": {"gte": 100, "lt": 250_000}}),
    where("lte_gt", "deals", {"probability": {"lte": 50, "gt": 10}}),
    where("large_number", "companies", {"annualRevenueCents": {"eq": 9007199254740991}}),
    where("is_null", "deals", {"amountCents": {"isNull": True}}),
    where("is_not_null", "deals", {"amountCents": {"isNull": False}}),
    where("dates", "deals", {"engagedOn": {"gte": "2026-01-02", "ne": "2026-01-03"}}),
    where(
        "times", "deals", {"createdAt": {"gt": "2026-01-05T12:00:00+00:00", "lte": "2026-01-06T09:00:00.000024+01:00"}}
    ),
    where("compare_text", "deals", {"name": {"gte": "b", "lt": "e"}}),
    where("starts_with_folded", "companies", {"name": {"startsWith": "BETA"}}),
    where("starts_with_accent", "companies", {"name": {"startsWith": "ång"}}),
    where("starts_with_lowercase_column", "contacts", {"email": {"startsWith": "PERSON1"}}),
    where("starts_with_unsearchable", "companies", {"city": {"startsWith": "OS"}}),
    where("starts_with_nothing", "companies", {"industry": {"startsWith": ""}}),
    where("contains_nothing", "companies", {"industry": {"contains": ""}}),
    where("contains", "companies", {"name": {"contains": "TA"}}),
    where("contains_wildcards", "companies", {"name": {"contains": "100%"}}),
    where("contains_underscore", "companies", {"name": {"contains": "f_c"}}),
    where("contains_unsearchable", "companies", {"country": {"contains": "NOR"}}),
    where("enum_eq", "contacts", {"lifecycleStage": {"eq": "MARKETING_QUALIFIED"}}),
    where("enum_ne_in", "tickets", {"source": {"ne": "EMAIL"}, "priority": {"in": ["LOW", "HIGH"]}}),
    where("boolean", "deals", {"openToAll": {"eq": True}}),
    where("boolean_ne", "landingPages", {"restricted": {"ne": True}}),
    where("empty_where", "deals", {}),
    where("and_empty", "deals", {"and": []}),
    where("or_empty", "deals", {"or": []}),
    where(
        "and_or_not",
        "deals",
        {
            "or": [
                {"stage": {"eq": "WON"}},
                {"and": [{"amountCents": {"gt": 1}}, {"not": {"product": {"eq": "Plus"}}}]},
            ],
            "not": {"openToAll": {"eq": True}},
        },
    ),
    where("not_is_exact_complement", "deals", {"not": {"amountCents": {"gt": 100}}}),
    where("by_id", "deals", {"id": {"in": [DEAL, Id("Deal", "deals", 5)]}}),
    where("by_owner", "deals", {"ownerId": {"eq": Known("Person", "rep")}}),
    where("by_no_owner", "deals", {"ownerId": {"isNull": True}}),
    where("by_creator", "deals", {"createdById": {"ne": Known("Person", "rep")}}),
    where("by_team", "deals", {"teamId": {"in": [Known("Team", "Oslo"), Known("Team", "South")]}}),
    where("by_assigned_team", "landingPages", {"teams": {"includes": Known("Team", "Oslo")}}),
    where("by_no_team", "landingPages", {"teams": {"isEmpty": True}}),
    where("by_one", "deals", {"company": {"name": {"startsWith": "beta"}}}),
    where("by_one_exists", "deals", {"company": {}}),
    where("by_one_not", "deals", {"not": {"company": {}}}),
    where("by_one_deep", "deals", {"company": {"parent": {"foundedYear": {"gt": 1953}}}}),
    where("by_many_some", "companies", {"deals": {"some": {"stage": {"eq": "WON"}}}}),
    where("by_many_none", "companies", {"deals": {"none": {"stage": {"eq": "WON"}}}}),
    where("by_many_both", "companies", {"contacts": {"some": {}, "none": {"lifecycleStage": {"eq": "CUSTOMER"}}}}),
    where("by_pairs_some", "deals", {"contacts": {"some": {"lifecycleStage": {"eq": "CUSTOMER"}}}}),
    where("by_pairs_none", "contacts", {"deals": {"none": {}}}),
    where("by_inverse_deep", "contacts", {"tickets": {"some": {"contact": {"company": {"deals": {"some": {}}}}}}}),
    where("null_operator", "deals", {"name": {"eq": None}}),
    where("null_part", "deals", {"or": [{"name": None}]}),
    where("wrong_id", "deals", {"ownerId": {"eq": "Team:00000000-0000-4000-8000-000000000000"}}),
    where("version_and_update", "deals", {"version": {"gte": 2}, "updatedAt": {"lt": "2026-01-08T00:00:00Z"}}),
]

PAGES = [
    paged("first_page", "deals", NEWEST, {"first": 5}),
    paged("default_page", "deals", NEWEST, {}),
    paged("empty_page", "deals", NEWEST, {"first": 0}),
    paged("last_page", "deals", NEWEST, {"last": 5}),
    paged("last_none", "deals", NEWEST, {"last": 0}),
    paged("after", "deals", NEWEST, {"first": 4, "after": CursorAt("deals", NEWEST, 3)}),
    paged("after_ascending", "deals", OLDEST, {"first": 4, "after": CursorAt("deals", OLDEST, 3)}),
    paged("before", "deals", NEWEST, {"last": 3, "before": CursorAt("deals", NEWEST, 8)}),
    paged("after_to_the_end", "deals", NEWEST, {"first": 100, "after": CursorAt("deals", NEWEST, 6)}),
    paged(
        "between",
        "deals",
        NEWEST,
        {"first": 2, "after": CursorAt("deals", NEWEST, 1), "before": CursorAt("deals", NEWEST, 8)},
    ),
    paged(
        "between_from_the_back",
        "deals",
        NEWEST,
        {"last": 2, "after": CursorAt("deals", NEWEST, 1), "before": CursorAt("deals", NEWEST, 8)},
    ),
    paged(
        "nothing_between",
        "deals",
        NEWEST,
        {"first": 2, "after": CursorAt("deals", NEWEST, 8), "before": CursorAt("deals", NEWEST, 2)},
    ),
    paged("nulls_after_value", "deals", AMOUNTS, {"first": 50, "after": CursorAt("deals", AMOUNTS, 4)}),
    paged("nulls_after_null", "deals", AMOUNTS, {"first": 3, "after": CursorAt("deals", AMOUNTS, 19)}),
    paged("nulls_before_null", "deals", AMOUNTS, {"last": 9, "before": CursorAt("deals", AMOUNTS, 19)}),
    paged(
        "nulls_ascending",
        "deals",
        ("AMOUNT_CENTS_ASC",),
        {"first": 50, "after": CursorAt("deals", ("AMOUNT_CENTS_ASC",), 5)},
    ),
    paged("nulls_from_the_back", "deals", ("ENGAGED_ON_ASC",), {"last": 12}),
    paged("mixed_directions", "deals", MIXED, {"first": 7, "after": CursorAt("deals", MIXED, 6)}),
    paged("mixed_directions_back", "deals", MIXED, {"last": 7, "before": CursorAt("deals", MIXED, 12)}),
    paged("folded_names", "deals", ("NAME_ASC",), {"first": 10, "after": CursorAt("deals", ("NAME_ASC",), 5)}),
    paged("same_column_twice", "deals", ("NAME_ASC", "NAME_DESC", "CREATED_AT_DESC"), {"first": 10}),
    paged(
        "two_keys_one_direction",
        "contacts",
        ("LAST_NAME_DESC", "CREATED_AT_DESC"),
        {"first": 5, "after": CursorAt("contacts", ("LAST_NAME_DESC", "CREATED_AT_DESC"), 4)},
    ),
    paged("cursor_of_another_order", "deals", NEWEST, {"after": CursorAt("deals", AMOUNTS, 1)}),
    paged("cursor_of_another_list", "deals", NEWEST, {"after": CursorAt("contacts", NEWEST, 1)}),
    paged("too_large", "deals", NEWEST, {"first": 101}),
    paged("negative", "deals", NEWEST, {"last": -1}),
    paged("both_sizes", "deals", NEWEST, {"first": 1, "last": 1}),
]

CASES = [*FILTERS, *PAGES]
