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


DEAL, CONTACT = Id("Deal", "deals", 0), Id("Contact", "contacts", 3)

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
        "pageInfo { hasNextPage } edges { cursor node { lastName deals(first: 2) { nodes { name company { name } } } } "
        "} } deals(last: 1) { nodes { name } pageInfo { hasPreviousPage } } "
        "subsidiaries { nodes { name } totalCount } } } }",
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
        "deals(first: 1, last: 1) { totalCount } ok: deals(first: 1) { nodes { contacts(first: -1) { totalCount } } } "
        "} } }",
    ),
    Case(
        "error_beside_data",
        '{ deals(after: "bogus") { totalCount } ok: deals(first: 1) { totalCount } '
        'x: contacts(before: "!!!!") { totalCount } }',
    ),
]

CASES = [*SEMANTICS, *ROWS, *NESTING]
