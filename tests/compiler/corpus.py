"""Operations that cover GraphQL's semantics and everything that reads can ask for."""

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Id:
    """The global id of a row of the world."""

    type_name: str
    table: str
    index: int


@dataclass(frozen=True)
class Known:
    """The global id of a person or a team."""

    type_name: str
    name: str


@dataclass(frozen=True)
class CursorAt:
    """The cursor of the row at a place of a list in an order, as the member sees it."""

    list: str
    order: tuple[str, ...]
    index: int


@dataclass(frozen=True)
class Case:
    name: str
    text: str
    variables: dict[str, Any] = field(default_factory=dict)


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


DEAL, CONTACT, COMPANY = Id("Deal", "deals", 0), Id("Contact", "contacts", 3), Id("Company", "companies", 1)
AMOUNTS = ("AMOUNT_CENTS_DESC",)
MIXED = ("STAGE_ASC", "AMOUNT_CENTS_DESC", "NAME_ASC")
NEWEST = ("CREATED_AT_DESC",)
OLDEST = ("CREATED_AT_ASC",)

SEMANTICS = [
    Case("typename", "{ __typename }"),
    Case(
        "typename_everywhere",
        "{ __typename viewer { __typename user { __typename } } deals(first: 1) "
        "{ __typename edges { __typename node { __typename access { __typename canUpdate } } } "
        "pageInfo { __typename } } }",
    ),
    Case("aliases", "{ a: deals(first: 1) { x: nodes { y: id z: id } } b: deals(first: 2) { x: nodes { y: name } } }"),
    Case(
        "alias_like_our_own_names",
        "{ deals(first: 2) { nodes { object: id one: name page: stage viewer: version "
        "company { account_id: name me: id } } } }",
    ),
    Case(
        "long_alias",
        "{ deals(first: 2) { nodes { "
        + "k" * 70
        + ": name "
        + "k" * 69
        + "x: stage company { "
        + "c" * 90
        + ": id } } "
        + "t" * 80
        + ": totalCount } }",
    ),
    Case(
        "named_fragments",
        "query { deals(first: 3) { nodes { ...A ...B } } } "
        "fragment A on Deal { id company { ...C } } fragment B on Deal { name company { city } } "
        "fragment C on Company { name }",
    ),
    Case("inline_fragments", "{ deals(first: 3) { nodes { ... { id } ... on Deal { name } ... on Node { i: id } } } }"),
    Case(
        "field_merging",
        "{ deals(first: 2) { nodes { company { id } id company { name } } } "
        "deals(first: 2) { totalCount nodes { name } } }",
    ),
    Case("fragment_order", "{ deals(first: 1) { nodes { name ...F id } } } fragment F on Deal { stage id version }"),
    Case(
        "include_skip_literals",
        "{ deals(first: 1) { nodes { id @include(if: true) name @skip(if: true) "
        "stage @include(if: false) version @skip(if: false) } } }",
    ),
    Case(
        "include_skip_variables",
        "query ($a: Boolean!, $b: Boolean = false) { deals(first: 2) { nodes "
        "{ id name @include(if: $a) stage @skip(if: $a) company @include(if: $b) { name } } } "
        "contacts(first: 1) @skip(if: $b) { nodes { id } } }",
        {"a": True},
    ),
    Case(
        "include_skip_other_way",
        "query ($a: Boolean!, $b: Boolean = false) { deals(first: 2) { nodes "
        "{ id name @include(if: $a) stage @skip(if: $a) company @include(if: $b) { name } } } "
        "contacts(first: 1) @skip(if: $b) { nodes { id } } }",
        {"a": False, "b": True},
    ),
    Case(
        "skip_on_fragments",
        "query ($a: Boolean!) { deals(first: 2) { nodes { id ...F @include(if: $a) "
        "... on Deal @skip(if: $a) { stage } } } } fragment F on Deal { name }",
        {"a": True},
    ),
    Case("everything_skipped", "query ($a: Boolean!) { deals(first: 2) @skip(if: $a) { totalCount } }", {"a": True}),
    Case(
        "object_with_everything_skipped",
        "query ($a: Boolean!) { deals(first: 2) { nodes { id company { name @skip(if: $a) } } } }",
        {"a": True},
    ),
    Case(
        "variable_defaults",
        "query ($n: Int = 3, $s: DealStage = WON) { deals(first: $n, where: {stage: {eq: $s}}) "
        "{ nodes { id stage } } }",
    ),
    Case(
        "variable_absent_in_filter",
        "query ($s: DealStage) { deals(first: 5, where: {stage: {eq: $s}}) { nodes { id } totalCount } }",
    ),
    Case("variable_null_first", "query ($n: Int) { deals(first: $n) { nodes { id } } }", {"n": None}),
    Case(
        "variables_inside_literals",
        "query ($a: SafeInt, $b: [DealStage!]) { deals(where: {or: [{amountCents: "
        "{gt: $a}}, {stage: {in: $b}}]}) { nodes { id amountCents stage } } }",
        {"a": 200, "b": ["LOST"]},
    ),
    Case(
        "single_value_as_list", "{ deals(orderBy: NAME_ASC, where: {stage: {in: WON}}, first: 4) { nodes { name } } }"
    ),
    Case(
        "several_roots",
        "{ a: deals(first: 1) { totalCount } b: companies(first: 1) { totalCount } "
        "c: landingPages(first: 1) { totalCount } d: tickets(first: 1) { totalCount } viewer { role } }",
    ),
    Case(
        "introspection_beside_data",
        '{ deals(first: 1) { totalCount } __type(name: "Deal") { name kind } '
        "viewer { role } __schema { queryType { name } } }",
    ),
    Case("introspection_alone", '{ __type(name: "DealOrder") { enumValues { name description } } }'),
    Case("mixed_fragment_on_query", "query { ...Q } fragment Q on Query { viewer { user { name } } __typename }"),
    Case(
        "viewer",
        "{ viewer { user { id name email } account { id slug name kind } role superAdmin "
        "teams { id name isMain parent { id name } } capabilities { module actions { action scopes } } } }",
    ),
]

ROWS = [
    Case(
        "one",
        "query ($id: ID!) { deal(id: $id) { id name stage amountCents probability engagedOn closedOn createdAt "
        "updatedAt version openToAll team { id name parent { name } } owner { id name email } createdBy { name } } }",
        {"id": DEAL},
    ),
    Case("one_hidden_or_absent", 'query { deal(id: "Deal:00000000-0000-4000-8000-000000000000") { id } }'),
    Case("one_of_another_type", "query ($id: ID!) { deal(id: $id) { id } viewer { role } }", {"id": CONTACT}),
    Case("one_garbage", 'query { deal(id: "garbage") { id } c: contact(id: "Contact:1") { id } }'),
    Case(
        "node",
        "query ($id: ID!) { node(id: $id) { __typename id ... on Deal { name } ... on Contact { lastName "
        "company { name } } } }",
        {"id": CONTACT},
    ),
    Case(
        "node_person",
        "query ($id: ID!) { node(id: $id) { id ... on Person { name } } }",
        {"id": Known("Person", "rep")},
    ),
    Case(
        "node_team",
        "query ($id: ID!) { node(id: $id) { id ... on Team { name parent { name } } } }",
        {"id": Known("Team", "Oslo")},
    ),
    Case("node_unknown_type", 'query { node(id: "Robot:00000000-0000-4000-8000-000000000000") { id } }'),
    Case(
        "nodes",
        "query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ...D ... on Team { name } } } "
        "fragment D on Deal { name contacts(first: 1) { nodes { lastName } } }",
        {
            "ids": [
                DEAL,
                CONTACT,
                "nonsense",
                Known("Team", "North"),
                DEAL,
                "Deal:00000000-0000-4000-8000-000000000000",
                Id("LandingPage", "landing_pages", 2),
            ]
        },
    ),
    Case("nodes_empty", "{ nodes(ids: []) { id } }"),
    Case(
        "nodes_too_many",
        "query ($ids: [ID!]!) { viewer { role } nodes(ids: $ids) { id } }",
        {"ids": ["Deal:00000000-0000-4000-8000-000000000000"] * 101},
    ),
    Case(
        "all_types",
        "{ companies(first: 30) { nodes { id name domain industry phone city country foundedYear "
        "employeeCount annualRevenueCents description parent { name parent { name } } createdAt } } "
        "contacts(first: 3) { nodes { firstName email lifecycleStage lastContactedAt } } "
        "tickets(first: 3) { nodes { subject status priority source dueAt contact { lastName } } } "
        "landingPages(first: 9) { nodes { title slug status restricted publishedAt teams { id name } } } }",
    ),
    Case(
        "sensitive",
        "{ contacts(first: 40) { nodes { id sensitive { birthDate homeAddress personalPhone } "
        "access { canViewSensitive } } } deals(first: 5) { nodes { sensitive { costCents } } } }",
    ),
    Case(
        "access_records",
        "{ deals(first: 60) { nodes { id access { canUpdate canDelete canAssign canClone canExport "
        "canViewSensitive } } } }",
    ),
    Case(
        "access_assets",
        "{ landingPages(first: 20) { nodes { id access { canUpdate canDelete canAssign canPublish "
        "canManageDomain } } } }",
    ),
]

NESTING = [
    Case(
        "nested_pages",
        "{ companies(first: 5) { nodes { name contacts(first: 2, orderBy: [LAST_NAME_ASC]) { totalCount "
        "pageInfo { hasNextPage } edges { cursor node { lastName deals(first: 2) { nodes { name company { name } } } } } } "
        "deals(last: 1) { nodes { name } pageInfo { hasPreviousPage } } subsidiaries { nodes { name } totalCount } } } }",
    ),
    Case(
        "deep",
        "{ deals(first: 3) { nodes { contacts(first: 2) { nodes { company { contacts(first: 2) { nodes { deals"
        "(first: 1) { nodes { company { parent { name } } } } } } } } } } } }",
    ),
    Case(
        "nested_with_filter",
        "query ($w: DealWhere) { contacts(first: 10) { nodes { id deals(where: $w, first: 3) "
        "{ totalCount nodes { id stage } } tickets(where: {priority: {eq: URGENT}}) { totalCount } } } }",
        {"w": {"stage": {"ne": "LOST"}}},
    ),
    Case(
        "same_connection_twice",
        "{ contacts(first: 4) { nodes { a: deals(first: 1) { nodes { id } } "
        "b: deals(first: 1, orderBy: [NAME_DESC]) { nodes { id } } } } }",
    ),
    Case(
        "nodes_twice",
        "{ deals(first: 2) { a: nodes { id } b: nodes { name } c: edges { node { stage } } "
        "d: pageInfo { hasNextPage } e: pageInfo { endCursor } } }",
    ),
    Case("only_page_info", "{ deals(first: 2) { pageInfo { hasNextPage hasPreviousPage } } }"),
    Case("only_count", "{ deals { totalCount } contacts { totalCount } }"),
    Case(
        "errors_under_lists",
        "{ companies(first: 3) { nodes { id contacts(first: 101) { totalCount } "
        "deals(first: 1, last: 1) { totalCount } ok: deals(first: 1) { nodes { contacts(first: -1) { totalCount } } } } } }",
    ),
    Case(
        "error_beside_data",
        '{ deals(after: "bogus") { totalCount } ok: deals(first: 1) { totalCount } '
        'x: contacts(before: "!!!!") { totalCount } }',
    ),
]

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

CASES = [*SEMANTICS, *ROWS, *NESTING, *FILTERS, *PAGES]
