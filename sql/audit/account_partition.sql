-- Concern: no row crosses an account boundary (T1): every table of an account that anybody but the engine may touch has
-- the restrictive policy account_partition, to readers, for all commands, in the one wording that is proved.
-- A violation: a table that one permissive policy too many would open to every account.
-- To mend: `cloison migrate`; for a new table, add the policy as sql/policies/module/account_partition.sql has it.
with reached as (
  select c.oid
    from pg_catalog.pg_class c
   where c.relkind in ('r', 'p') and c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace)
     and exists (
       select from pg_catalog.pg_attribute a where a.attrelid = c.oid and a.attname = 'account_id' and not a.attisdropped
     )
     and (
       exists (
         select from aclexplode(c.relacl) g
          where g.grantee not in (c.relowner, 'cloison_engine'::regrole)
       )
       or exists (
         select from pg_catalog.pg_attribute a, aclexplode(a.attacl) g
          where a.attrelid = c.oid and not a.attisdropped and g.grantee not in (c.relowner, 'cloison_engine'::regrole)
       )
     )
)
select format('%s: has no restrictive policy account_partition as it must be', r.oid::regclass) as violation
  from reached r
 where not exists (
   select from pg_catalog.pg_policy p
    where p.polrelid = r.oid and p.polname = 'account_partition' and not p.polpermissive and p.polcmd = '*'
      and p.polroles = array['cloison_reader'::regrole]::oid[]
      and pg_get_expr(p.polqual, p.polrelid)
          = '(account_id = ( SELECT access.account_of(access.planned_profile()) AS account_of))'
      and pg_get_expr(p.polwithcheck, p.polrelid) = pg_get_expr(p.polqual, p.polrelid)
 )
 order by 1;
