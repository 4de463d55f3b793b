"""The statements of a file: how many rows it has, and the rows themselves."""

from resolvers.compiler import plan
from resolvers.compiler.exporting import MASKED, Order
from resolvers.compiler.render import for_profile
from resolvers.compiler.render.conditions import condition
from resolvers.compiler.render.context import ACCOUNT, Context, literal
from resolvers.compiler.render.pages import order_by
from resolvers.profile import SHARED, UNMASKED, Profile
from schema.registry import Module, Type

REQUIRE = "select access.require_export($1::text, $2::boolean)"
RIGHTS = "select access.profile()::text as profile, access.team_keys()::text as keys"
CURSOR = "exported$"
UUIDS = frozenset({"id", "owner_id", "team_id", "created_by"})


def counts(order: Order, profile: Profile) -> tuple[str, tuple[plan.Param, ...]]:
    """How many rows go into the file, and how many more the member sees."""
    context = Context(profile)
    exported = f"select count(*) from {_source(order.module)} {_where(context, order)}"
    visible = f"select count(*) from {order.module.table} t {_where(context, order)}"
    return for_profile(f"select ({exported}) as exported,\n  ({visible}) as visible", profile), context.slots


def rows(order: Order, profile: Profile) -> tuple[str, tuple[plan.Param, ...]]:
    """A cursor over the rows of the file, one column for each of the file's."""
    context = Context(profile)
    columns = ",\n  ".join(f"{_value(order.module, name)} as {name}" for name in order.columns)
    joins = ""
    if "owner_email" in order.columns:
        joins += f"left join crm.people o on o.account_id = {ACCOUNT} and o.id = t.owner_id\n"
    if order.sensitive:
        joins += f"left join {order.module.sensitive_table} s on s.account_id = {ACCOUNT} and s.id = t.id\n"
    text = (
        f"declare {CURSOR} no scroll cursor for\nselect {columns}\nfrom {_source(order.module)}\n"
        f"{joins}{_where(context, order)}\norder by {order_by(order.page, 't')}"
    )
    return for_profile(text, profile), context.slots


def fetch(size: int) -> str:
    """The next rows of the cursor."""
    return f"fetch forward {size} from {CURSOR}"


def _source(module: Module) -> str:
    """The database's own answer to which rows may go out."""
    return f"access.exported_{module.name}() t"


def _where(context: Context, order: Order) -> str:
    return f"where t.account_id = {ACCOUNT} and ({condition(context, order.page.condition, 't')})"


def _value(module: Module, name: str) -> str:
    if name == "owner_email":
        return "o.email"
    if name == "team_ids":
        return "t.team_ids::text[]"
    if name == MASKED:
        return f"not ({_shown(module)})"
    if any(column.name == name for column in module.sensitive):
        return f"s.{name}"
    is_uuid = name in UUIDS or any(column.name == name and column.type is Type.UUID for column in module.columns)
    return f"t.{name}::text" if is_uuid else f"t.{name}"


def _shown(module: Module) -> str:
    """Whether sensitive columns of a row that is seen are seen: everywhere, by scope, or because the row is shared."""
    mask = f"access.reach({literal(module.governing)}, 'view_sensitive')"
    me = "(select access.user_id()), (select access.team_keys())"
    return " or ".join(
        [
            f"(select {mask} & {UNMASKED} <> 0)",
            f"access.{module.reach}_within((select {mask}), {module.reach_of('t')}, {me})",
            *(
                f"(select {mask} & {SHARED} <> 0)"
                f" and t.{column} = any ((select access.shared_rows({literal(shared)}, 'view_sensitive'))::uuid[])"
                for shared, column in module.share_keys
            ),
        ]
    )
