"""What has an id that can be asked for."""

import strawberry


@strawberry.interface(description="Anything with an id by which `node` finds it.")
class Node:
    """The Relay interface. Its id names the type, so that an id of one type is never taken for that of another."""

    id: strawberry.ID = strawberry.field(description="Identifies the object among all types.")
