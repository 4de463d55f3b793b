"""What sqlfluff renders templates of sql/ with: a record, the registry, the built-in roles."""

from schema.modules import REGISTRY
from schema.roles import BUILTIN_ROLES

registry = REGISTRY
builtin_roles = BUILTIN_ROLES
m = REGISTRY.by_name["deals"]
