"""What is in force, as the server itself words it: to compare two states of a database."""

from typing import Any

QUERY = """
with ours as (
  select oid, nspname from pg_catalog.pg_namespace where nspname in ('access', 'access_private', 'crm')
)
select 'policy ' || p.polname || ' on ' || p.polrelid::regclass as name,
       concat_ws(' ', p.polcmd, p.polpermissive,
         (select string_agg(r::regrole::text, ',' order by r::regrole::text) from unnest(p.polroles) r where r <> 0),
         pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as definition
  from pg_catalog.pg_policy p join pg_catalog.pg_class c on c.oid = p.polrelid
  join ours o on o.oid = c.relnamespace
union all
select 'function ' || f.oid::regprocedure,
       concat_ws(' ', pg_get_functiondef(f.oid), f.proowner::regrole,
         (select string_agg(a::text, ',' order by a::text) from unnest(f.proacl) a))
  from pg_catalog.pg_proc f join ours o on o.oid = f.pronamespace
union all
select 'trigger ' || t.tgname || ' on ' || t.tgrelid::regclass, concat_ws(' ', t.tgenabled, pg_get_triggerdef(t.oid))
  from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
  join ours o on o.oid = c.relnamespace
 where not t.tgisinternal
union all
select 'relation ' || c.oid::regclass,
       concat_ws(' ', c.relkind, c.relowner::regrole, c.relrowsecurity, c.relforcerowsecurity, c.reloptions,
         case when c.relkind = 'v' then pg_get_viewdef(c.oid) end,
         (select string_agg(a::text, ',' order by a::text) from unnest(c.relacl) a))
  from pg_catalog.pg_class c join ours o on o.oid = c.relnamespace
 where c.relkind in ('r', 'v', 'p')
union all
select 'column ' || c.oid::regclass || '.' || a.attname,
       (select string_agg(g::text, ',' order by g::text) from unnest(a.attacl) g)
  from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
  join ours o on o.oid = c.relnamespace
 where a.attacl is not null and a.attacl <> '{}'
union all
select 'schema ' || n.nspname, concat_ws(' ', n.nspowner::regrole,
         (select string_agg(a::text, ',' order by a::text) from unnest(n.nspacl) a))
  from pg_catalog.pg_namespace n where n.nspname in ('access', 'access_private', 'crm', 'extensions')
"""


async def snapshot(connection: Any) -> dict[str, str]:
    """Policies, functions, triggers, relations and grants in force: the name of each, and how the server words it."""
    return {row["name"]: row["definition"] or "" for row in await connection.fetch(QUERY)}
