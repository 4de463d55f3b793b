"""The schema, put together from the types of all modules."""

from importlib import import_module

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig

from schema.building import NAMES
from schema.modules import REGISTRY
from schema.scalars import SCALARS
from schema.types import administration, jobs, node, people, viewer, walls

for module in REGISTRY.modules:
    import_module(f"schema.types.{module.name}")
NAMES.update(Node=node.Node)

from resolvers.mutation import Mutation  # noqa: E402 (the root types name the types of modules)
from resolvers.query import Query  # noqa: E402

SCHEMA = strawberry.Schema(
    query=Query,
    mutation=Mutation,
    types=[
        people.Person,
        people.Team,
        administration.Role,
        administration.Member,
        administration.Invitation,
        viewer.Viewer,
        walls.Wall,
        jobs.Job,
        *(NAMES[module.type_name] for module in REGISTRY.modules),
    ],
    config=StrawberryConfig(scalar_map=SCALARS),
)
GRAPHQL: GraphQLSchema = SCHEMA._schema  # noqa: SLF001 (Strawberry has no public name for it)
