-- Concern: every table of crm and access is under row-level security, and its owner too.
-- A violation: a table whose rows are shown past all policies (not enabled), or to its owner and to what runs as the owner
-- (not forced); or a kind of relation that knows no policies at all.
-- To mend: `cloison migrate` enables and forces; drop the materialized view or foreign table, or move it to another schema.
select format(
         '%s: %s', c.oid::regclass,
         case when c.relkind in ('m', 'f') then 'is a relation that no policy covers'
              when not c.relrowsecurity then 'row-level security is not enabled'
              else 'row-level security is not forced on its owner' end
       ) as violation
  from pg_catalog.pg_class c
 where c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace)
   and (
     c.relkind in ('m', 'f')
     or (c.relkind in ('r', 'p') and not (c.relrowsecurity and c.relforcerowsecurity))
   )
 order by 1;
