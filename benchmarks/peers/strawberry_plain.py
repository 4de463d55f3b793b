"""A plain Strawberry server as a good engineer writes it: async resolvers, DataLoaders, asyncpg, caches, uvloop.

Each request is one transaction that enters as the member; loaders and masks live as long as the request. It answers
the documents of the benchmark and nothing else, which is less than Cloison's schema: a smaller one is faster.
"""

import base64
import datetime as dt
import json
import os
from collections.abc import AsyncIterator
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any, TypeAlias, cast
from uuid import UUID

import asyncpg
import jwt
import strawberry
import uvicorn
import uvloop
from starlette.requests import HTTPConnection
from strawberry.asgi import GraphQL
from strawberry.extensions import ParserCache, SchemaExtension, ValidationCache

from benchmarks.peers.strawberry_session import ACTIONS, CONTACT, CREATE, DEAL, ONE_CONTACT, UPDATE, Row, Session


class Transactions(SchemaExtension):
    """Opens the transaction of a request, enters, and commits."""

    async def on_execute(self) -> AsyncIterator[None]:
        """Around the execution."""
        session: Session = self.execution_context.context
        async with POOL.acquire() as connection, connection.transaction():
            await connection.execute("select access.enter($1, $2)", session.account, session.user)
            session.connection = connection
            yield


Info: TypeAlias = strawberry.Info[Session, None]

if TYPE_CHECKING:
    SafeInt: TypeAlias = int
else:
    SafeInt = strawberry.scalar(int, name="SafeInt", serialize=int, parse_value=int)


@strawberry.enum
class ContactLifecycleStage(Enum):
    SUBSCRIBER = "subscriber"
    LEAD = "lead"
    MARKETING_QUALIFIED = "marketing_qualified"
    SALES_QUALIFIED = "sales_qualified"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    EVANGELIST = "evangelist"
    OTHER = "other"


@strawberry.enum
class DealStage(Enum):
    PROSPECTING = "prospecting"
    ENGAGING = "engaging"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    WON = "won"
    LOST = "lost"


@strawberry.enum
class ContactOrder(Enum):
    LAST_NAME_ASC = "last_name_lower, id"


@strawberry.enum
class DealOrder(Enum):
    AMOUNT_CENTS_DESC = "d.amount_cents desc nulls last, d.id desc"


@strawberry.input
class TextFilter:
    starts_with: str | None = None
    contains: str | None = None


@strawberry.input
class IDFilter:
    eq: strawberry.ID | None = None


@strawberry.input
class ContactWhere:
    id: IDFilter | None = None
    last_name: TextFilter | None = None


@strawberry.input
class StageFilter:
    eq: DealStage | None = None


@strawberry.input
class AmountFilter:
    gte: SafeInt | None = None


@strawberry.input
class DealWhere:
    stage: StageFilter | None = None
    amount_cents: AmountFilter | None = None


@strawberry.type
class ContactAccess:
    can_view_sensitive: bool
    can_update: bool
    can_delete: bool
    can_clone: bool
    can_assign: bool
    can_export: bool


@strawberry.type
class Company:
    id: strawberry.ID
    name: str
    city: str | None


@strawberry.type
class Deal:
    id: strawberry.ID
    name: str
    stage: DealStage
    amount_cents: SafeInt | None
    probability: int | None
    expected_close_on: dt.date | None
    created_at: dt.datetime

    @classmethod
    def of(cls, row: Row) -> "Deal":
        return cls(
            id=strawberry.ID(f"Deal:{row['id']}"),
            name=row["name"],
            stage=DealStage(row["stage"]),
            amount_cents=row["amount_cents"],
            probability=row["probability"],
            expected_close_on=row["expected_close_on"],
            created_at=row["created_at"],
        )


@strawberry.type
class DealConnection:
    nodes: list[Deal]
    condition: strawberry.Private[str] = ""
    values: strawberry.Private[tuple[Any, ...]] = ()

    @strawberry.field
    async def total_count(self, info: Info) -> int:
        text = f"select count(*) from crm.deals d where {self.condition}"
        return cast("int", (await info.context.fetch(text, *self.values))[0][0])


@strawberry.type
class Contact:
    id: strawberry.ID
    first_name: str | None
    last_name: str
    email: str | None
    job_title: str | None
    lifecycle_stage: ContactLifecycleStage
    city: str | None
    created_at: dt.datetime
    row: strawberry.Private[Row]

    @classmethod
    def of(cls, row: Row) -> "Contact":
        return cls(
            id=strawberry.ID(f"Contact:{row['id']}"),
            first_name=row["first_name"],
            last_name=row["last_name"],
            email=row["email"],
            job_title=row["job_title"],
            lifecycle_stage=ContactLifecycleStage(row["lifecycle_stage"]),
            city=row["city"],
            created_at=row["created_at"],
            row=row,
        )

    @strawberry.field
    async def company(self, info: Info) -> Company | None:
        if self.row["company_id"] is None:
            return None
        found = await info.context.companies.load(self.row["company_id"])
        if found is None:
            return None
        return Company(id=strawberry.ID(f"Company:{found['id']}"), name=found["name"], city=found["city"])

    @strawberry.field
    async def deals(self, info: Info, first: int = 20) -> DealConnection:
        rows = await info.context.deals_of(first).load(self.row["id"])
        return DealConnection(nodes=[Deal.of(row) for row in rows])

    @strawberry.field
    async def access(self, info: Info) -> ContactAccess:
        found = await info.context.access.load(self.row["id"])
        return ContactAccess(**{f"can_{action}": found[action] for action in ACTIONS})


@strawberry.type
class ContactEdge:
    node: Contact

    @strawberry.field
    def cursor(self) -> str:
        row = self.node.row
        return base64.urlsafe_b64encode(json.dumps([row["created_at"].isoformat(), str(row["id"])]).encode()).decode()


@strawberry.type
class ContactConnection:
    nodes: list[Contact]

    @strawberry.field
    def edges(self) -> list[ContactEdge]:
        return [ContactEdge(node=node) for node in self.nodes]


@strawberry.input
class CreateContactInput:
    first_name: str | None = None
    last_name: str
    email: str | None = None
    job_title: str | None = None
    city: str | None = None


@strawberry.input
class UpdateContactInput:
    id: strawberry.ID
    job_title: str | None = None


@strawberry.type
class ContactPayload:
    contact: Contact | None


def _none() -> list[Any]:
    return []


def _row_id(text: str) -> UUID:
    return UUID(text.partition(":")[2])


def _page(text: list[str], order: str, first: int) -> str:
    return " ".join((*text, "order by", order, "limit", str(first)))


Order = Annotated[list[ContactOrder] | None, strawberry.argument(name="orderBy")]
Deals = Annotated[list[DealOrder] | None, strawberry.argument(name="orderBy")]


@strawberry.type
class Query:
    @strawberry.field
    async def contact(self, info: Info, id: strawberry.ID) -> Contact | None:
        rows = await info.context.fetch(ONE_CONTACT, _row_id(id))
        return Contact.of(rows[0]) if rows else None

    @strawberry.field
    async def contacts(
        self,
        info: Info,
        *,
        first: int = 20,
        after: str | None = None,
        where: ContactWhere | None = None,
        order_by: Order = None,
    ) -> ContactConnection:
        text, values = [f"select {CONTACT} from crm.contacts where account_id = access.account_id()"], _none()
        if where and where.id and where.id.eq:
            values.append(_row_id(where.id.eq))
            text.append(f"and id = ${len(values)}")
        if where and where.last_name and where.last_name.starts_with:
            values.append(where.last_name.starts_with)
            text.append(f"and last_name_lower ^@ lower(${len(values)})")
        if where and where.last_name and where.last_name.contains:
            values.append(where.last_name.contains)
            text.append(f"and id in (select access.find_contacts('last_name', ${len(values)}))")
        if after:
            moment, row = json.loads(base64.urlsafe_b64decode(after))
            values += [dt.datetime.fromisoformat(moment), UUID(row)]
            text.append(f"and (created_at, id) < (${len(values) - 1}, ${len(values)})")
        order = order_by[0].value if order_by else "created_at desc, id desc"
        rows = await info.context.fetch(_page(text, order, first), *values)
        return ContactConnection(nodes=[Contact.of(row) for row in rows])

    @strawberry.field
    async def deals(
        self, info: Info, *, first: int = 20, where: DealWhere | None = None, order_by: Deals = None
    ) -> DealConnection:
        condition, values = ["d.account_id = access.account_id()"], _none()
        if where and where.stage and where.stage.eq:
            values.append(where.stage.eq.value)
            condition.append(f"d.stage = ${len(values)}")
        if where and where.amount_cents and where.amount_cents.gte is not None:
            values.append(where.amount_cents.gte)
            condition.append(f"d.amount_cents >= ${len(values)}")
        joined = " and ".join(condition)
        order = order_by[0].value if order_by else "d.created_at desc, d.id desc"
        text = _page([f"select {DEAL} from crm.deals d where", joined], order, first)
        rows = await info.context.fetch(text, *values)
        return DealConnection(nodes=[Deal.of(row) for row in rows], condition=joined, values=tuple(values))


@strawberry.type
class Mutation:
    @strawberry.mutation
    async def create_contact(self, info: Info, input: CreateContactInput) -> ContactPayload:
        (row,) = await info.context.fetch(
            CREATE, input.first_name, input.last_name, input.email, input.job_title, input.city
        )
        return ContactPayload(contact=Contact.of(row))

    @strawberry.mutation
    async def update_contact(self, info: Info, input: UpdateContactInput) -> ContactPayload:
        (row,) = await info.context.fetch(UPDATE, _row_id(input.id), input.job_title)
        return ContactPayload(contact=Contact.of(row))


PARSED, VALIDATED = ParserCache(maxsize=100), ValidationCache(maxsize=100)
SCHEMA = strawberry.Schema(query=Query, mutation=Mutation, extensions=[Transactions, lambda: PARSED, lambda: VALIDATED])
POOL: "asyncpg.Pool[asyncpg.Record]"
KNOWN: dict[str, tuple[str, UUID]] = {}


class Server(GraphQL[Session, None]):
    """The ASGI application; a token that was verified is remembered."""

    async def get_context(self, request: HTTPConnection, response: Any = None) -> Session:
        """Who asks."""
        token = request.headers["authorization"].removeprefix("Bearer ")
        known = KNOWN.get(token)
        if known is None:
            claims = jwt.decode(
                token, os.environ["JWT_SECRET"], algorithms=["HS256"], issuer="cloison", audience="cloison"
            )
            known = KNOWN[token] = (claims["account"], UUID(claims["sub"]))
        return Session(*known)


async def _serve() -> None:
    global POOL
    size = int(os.environ["POOL_MAX"])
    async with asyncpg.create_pool(
        os.environ["DATABASE_URL"],
        min_size=size,
        max_size=size,
        server_settings={"jit": "off"},
    ) as POOL:
        config = uvicorn.Config(
            Server(SCHEMA), port=int(os.environ["PORT"]), loop="uvloop", http="httptools", log_level="warning",
            access_log=False, timeout_keep_alive=75,
        )  # fmt: skip
        await uvicorn.Server(config).serve()


if __name__ == "__main__":
    uvloop.run(_serve())
