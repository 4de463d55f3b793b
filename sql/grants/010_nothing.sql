-- Concern: nobody has anything but what the files of this folder grant: what an earlier version, or somebody by hand, granted
-- to anybody is taken back first. What owners may do with their own stays.
do $$
declare
  held record;
begin
  for held in
    with ours as (
      select n.oid, n.nspname from pg_catalog.pg_namespace n
       where n.nspname in ('access', 'access_private', 'analyst', 'crm', 'extensions')
    ),
    granted as (
      select 'schema ' || quote_ident(n.nspname) as object, '' as attribute, n.nspowner as owner, n.nspacl as acl
        from pg_catalog.pg_namespace n where n.oid in (select o.oid from ours o)
      union all
      select 'table ' || c.oid::regclass, '', c.relowner, c.relacl
        from pg_catalog.pg_class c where c.relnamespace in (select o.oid from ours o) and c.relkind in ('r', 'p', 'v', 'm', 'f')
      union all
      select 'table ' || c.oid::regclass, '(' || quote_ident(a.attname) || ')', c.relowner, a.attacl
        from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid
       where c.relnamespace in (select o.oid from ours o) and a.attacl is not null
         -- Before release 16 a dropped column keeps its grants.
         and not a.attisdropped
      union all
      select 'function ' || p.oid::regprocedure, '', p.proowner, coalesce(p.proacl, acldefault('f', p.proowner))
        from pg_catalog.pg_proc p where p.pronamespace in (select o.oid from ours o where o.nspname <> 'extensions')
    )
    select distinct g.object, g.attribute,
           case when x.grantee = 0 then 'public' else x.grantee::regrole::text end as grantee
      from granted g, aclexplode(g.acl) x
     where x.grantee <> g.owner
  loop
    execute format('revoke all %s on %s from %s cascade', held.attribute, held.object, held.grantee);
  end loop;
end $$;
alter default privileges for role cloison_owner revoke execute on functions from public;
alter default privileges for role cloison_engine revoke execute on functions from public;
alter default privileges for role cloison_owner in schema access, access_private, crm revoke all on tables from public;
