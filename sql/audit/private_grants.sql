-- Concern: the private tables are the engine's. The gateway's login reads session_profile to enter,
-- and definition to tell drift; the signaller reads and
-- clears login_change; nobody else reads or writes anything there, and nobody at all rewrites the past.
-- A violation: reaches, capabilities or secrets of all accounts lie open, since these tables have no row-level security.
-- To mend: `cloison migrate` takes back what it did not give.
with granted as (
  select c.oid, null::name as attname, g.grantee, g.privilege_type, g.is_grantable
    from pg_catalog.pg_class c, aclexplode(c.relacl) g
   where c.relnamespace = 'access_private'::regnamespace and g.grantee <> c.relowner
  union
  select c.oid, a.attname, g.grantee, g.privilege_type, g.is_grantable
    from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped, aclexplode(a.attacl) g
   where c.relnamespace = 'access_private'::regnamespace and g.grantee <> c.relowner
)
select format(
         '%s: %s may %s', g.oid::regclass,
         case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end, lower(g.privilege_type)
       ) as violation
  from granted g
 where g.is_grantable or g.grantee = 0
    or case g.grantee::regrole::text
         when 'cloison_engine' then
           g.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
           or (g.oid = 'access_private.past_assignment'::regclass and g.privilege_type in ('UPDATE', 'DELETE'))
           -- An erasure removes reasons.
           or g.oid = 'access_private.operator_log'::regclass
              and (g.privilege_type = 'DELETE' or g.privilege_type = 'UPDATE' and g.attname is distinct from 'reason')
         when 'cloison_gateway' then
           g.privilege_type <> 'SELECT'
           or g.oid not in ('access_private.session_profile'::regclass, 'access_private.definition'::regclass)
         when 'cloison_signaller' then
           g.oid <> 'access_private.login_change'::regclass or g.privilege_type not in ('SELECT', 'UPDATE')
         else true
       end
 order by 1;
