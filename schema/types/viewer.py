"""Who is asking, and what they may do."""

import strawberry

from schema.administration.types import AccountKind, Hub, Tier
from schema.building import NAMES
from schema.persons import person_types
from schema.types.people import Person, Team


@strawberry.type(description="What an account subscribes to in one hub.")
class AccountTier:
    """A hub that was never subscribed to is free."""

    hub: Hub = strawberry.field(description="The hub, a part of the product to which an account subscribes.")
    tier: Tier = strawberry.field(description="The tier to which it subscribes there; FREE where nothing is paid.")


@strawberry.type(description="A company's portal: nothing in it is visible from another.")
class Account:
    """The tenant in which the request acts."""

    id: strawberry.ID = strawberry.field(description="Identifies the account.")
    slug: str = strawberry.field(description="Short name, by which requests choose the account.")
    name: str = strawberry.field(description="Name of the company, for people.")
    kind: AccountKind = strawberry.field(
        description="What the account is to the service. Those that serve others alone have `partner_employees`."
    )
    tiers: list[AccountTier] = strawberry.field(description="What it subscribes to, of every hub.")
    restrict_new_content: bool = strawberry.field(
        description="Whether new content starts restricted to its creator's main team, where nothing else is named."
    )
    restricted_modules: list[str] = strawberry.field(
        description="Modules in which that is in effect: those of content that the tiers let be given to teams. Empty"
        " where it is off."
    )


@strawberry.type(description="A team to which you belong.")
class ViewerTeam:
    """Main and extra teams reach rows alike; only the main one is the default for new rows."""

    id: strawberry.ID = strawberry.field(description="Id of the team, the same as `team.id`.")
    team: Team | None = strawberry.field(
        description="The team itself, which a cache keeps once, whoever's team it is; null if you do not know it."
    )
    name: str = strawberry.field(description="Name of the team, as members know it.")
    parent: Team | None = strawberry.field(description="The team above. Null at the top, or where you do not know it.")
    is_main: bool = strawberry.field(description="Whether rows that you create start with this team.")


@strawberry.type(description="An action that you hold.")
class Capability:
    """An action of a module with its scopes."""

    action: str = strawberry.field(description="Name of the action, as in error extensions: view, update, publish.")
    scopes: list[str] = strawberry.field(
        description="On which rows: all, team, owned, created, unassigned. For an action that concerns no row, "
        "holding it is what counts."
    )


@strawberry.type(description="What you may do in one module.")
class ModuleCapabilities:
    """Everything held in a module; a module in which nothing is held is not listed."""

    module: str = strawberry.field(description="Name of the module, as in error extensions: landing_pages.")
    actions: list[Capability] = strawberry.field(description="The actions that you hold, by name.")


@strawberry.type(description="The user who asks, in the account in which the request acts.")
class Viewer:
    """The session's own identity; a front end builds its menus from it."""

    user: Person = strawberry.field(description="The person who asks, as others of the account see them.")
    account: Account = strawberry.field(description="The account in which this request acts.")
    role: str | None = strawberry.field(
        description="Name of your own role; what you hold by roles of your teams and by exceptions is in "
        "`capabilities`."
    )
    super_admin: bool = strawberry.field(description="Whether you see and manage everything across teams.")
    teams: list[ViewerTeam] = strawberry.field(description="Your teams, the main one first, then by name.")
    capabilities: list[ModuleCapabilities] = strawberry.field(
        description="All that you hold, by module and tool: what is not here you may not do anywhere. For one row, "
        "ask its `access`."
    )


NAMES.update(Viewer=Viewer, Account=Account, AccountTier=AccountTier)
person_types()
