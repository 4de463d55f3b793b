-- Concern: of what PostgreSQL lets everybody call, nobody here may write large objects (rows of no table, past all policies)
-- or into the write-ahead log, or take advisory locks (which a migration would wait for).
-- A violation: an analyst, who is read-only, leaves something behind, or holds something up.
-- To mend: `cloison migrate` as a superuser.
select format(
         'function %s: %s may call it', p.oid::regprocedure,
         case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end
       ) as violation
  from pg_catalog.pg_proc p, aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g
 where p.pronamespace = 'pg_catalog'::regnamespace
   and (
     p.proname like 'lo\_%' or p.proname in ('loread', 'lowrite', 'pg_logical_emit_message')
     or p.proname like 'pg\_%advisory%'
   )
   and p.proname not like 'pg\_advisory\_unlock%'
   and (g.grantee = 0 or g.grantee::regrole::text like 'cloison\_%')
 order by 1;
