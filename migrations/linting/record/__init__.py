"""What sqlfluff renders templates of sql/ with: a record, the registry, the built-in roles."""

from schema.modules import REGISTRY
from schema.roles import BUILTIN_ROLES, PARTNER_ADMIN

registry = REGISTRY
builtin_roles = BUILTIN_ROLES
partner_admin = PARTNER_ADMIN
m = REGISTRY.by_name["deals"]
