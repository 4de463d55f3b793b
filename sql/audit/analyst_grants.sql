-- Concern: analysts read the views of their schema, and no table: a condition on a table is compared with hidden rows before the
-- policies are asked, and EXPLAIN ANALYZE tells how far it came (docs/decisions/0035).
-- A violation: something else is granted to analysts, to one of their logins, or to anybody in their schema.
-- To mend: `revoke ... from ...`; `cloison migrate` takes back what it did not give.
with granted as (
  select c.oid, c.relnamespace, g.grantee, g.privilege_type, g.is_grantable
    from pg_catalog.pg_class c, aclexplode(c.relacl) g
   where g.grantee <> c.relowner
  union all
  select c.oid, c.relnamespace, g.grantee, g.privilege_type, g.is_grantable
    from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped, aclexplode(a.attacl) g
   where g.grantee <> c.relowner
),
judged as (
  select g.*, case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end as holder from granted g
)
select format('%s: %s may %s', j.oid::regclass, j.holder, lower(j.privilege_type)) as violation
  from judged j
 where (j.relnamespace = 'analyst'::regnamespace or j.holder = 'cloison_analyst' or j.holder ~ '^cloison_a_[0-9a-f]{20}$')
   and not (
     j.relnamespace = 'analyst'::regnamespace and j.holder = 'cloison_analyst' and j.privilege_type = 'SELECT'
     and not j.is_grantable
   )
 order by 1;
