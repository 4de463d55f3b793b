-- Concern: tables without an account are few and known, and members only read them: one day they are copied to every node.
-- A violation: a table that forgot its account_id; or something that a member writes for every account at once.
-- To mend: add account_id; or, for a table that is global by intent, name it here; take the grant back.
with global as (
  select c.oid, c.relowner, c.relacl
    from pg_catalog.pg_class c
   where c.relkind in ('r', 'p')
     and c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
     and not exists (
       select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped
     )
),
written as (
  select g.oid, x.grantee, x.privilege_type from global g, aclexplode(g.relacl) x
   where x.grantee not in (g.relowner, 'cloison_engine'::regrole)
  union
  select g.oid, x.grantee, x.privilege_type
    from global g join pg_catalog.pg_attribute a on a.attrelid = g.oid and not a.attisdropped, aclexplode(a.attacl) x
   where x.grantee not in (g.relowner, 'cloison_engine'::regrole)
)
select format('%s: has no account_id and is not among the global tables', g.oid::regclass) as violation
  from global g
 where g.oid::regclass::text not in (
   'access.account', 'access.app_user', 'access.capability', 'access.module', 'access.builtin_role_cell',
   'access_private.installation', 'access_private.definition', 'access_private.revision',
   'access_private.profile', 'access_private.profile_capability', 'access_private.login_change', 'access_private.operator',
   'access_private.operator_log'
 )
union all
select format(
         '%s: %s may %s, in every account at once', w.oid::regclass,
         case when w.grantee = 0 then 'everybody' else w.grantee::regrole::text end, lower(w.privilege_type)
       )
  from written w
 where w.privilege_type <> 'SELECT'
   and (w.oid, w.grantee, w.privilege_type)
       is distinct from ('access_private.login_change'::regclass, 'cloison_signaller'::regrole, 'UPDATE')
 order by 1;
