-- Concern: access.page_of_* knows the rules of view by heart: a policy that it does not know of would leave gaps in pages.
-- A violation: pages by age end too early, or lack rows that every other list shows; none shows a row too many.
-- To mend: `cloison migrate`; a new rule of view goes into sql/functions/record/page.sql too, and its policy's name in here.
select format('policy %I on %s: access.%I does not know of it', p.polname, p.polrelid::regclass, f.proname) as violation
  from pg_catalog.pg_proc f
  join pg_catalog.pg_class c
    on c.relnamespace = 'crm'::regnamespace and c.relname = substr(f.proname, length('page_of_') + 1)
  join pg_catalog.pg_policy p on p.polrelid = c.oid
 where f.pronamespace = 'access'::regnamespace and f.proname like 'page\_of\_%'
   and p.polcmd in ('r', '*')
   and p.polname not in (
     'account_partition', 'engine', 'view_all', 'view_team', 'view_owned', 'view_created', 'view_unassigned',
     'view_shared'
   )
 order by 1;
