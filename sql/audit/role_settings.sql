-- Concern: nothing of who somebody is comes from the settings of a role or a database. The gateway's login is believed what
-- it sets in a transaction: a default would make everybody that somebody before he has entered.
-- A violation: `alter role` or `alter database ... set cloison.*`, `role`, `row_security`...; or an analyst's login that does
-- not begin read-only.
-- To mend: `alter role ... reset ...`, `alter database ... reset ...`.
select format(
         '%s: sets %s', case when s.setrole = 0 then 'database ' || current_database() else s.setrole::regrole::text end,
         split_part(setting.assignment, '=', 1)
       ) as violation
  from pg_catalog.pg_db_role_setting s,
  unnest(s.setconfig) setting (assignment)
 where (s.setdatabase = 0 or s.setdatabase = (select d.oid from pg_catalog.pg_database d where d.datname = current_database()))
   and (
     split_part(setting.assignment, '=', 1) like 'cloison.%'
     or split_part(setting.assignment, '=', 1) in (
       'role', 'session_authorization', 'row_security', 'session_replication_role', 'session_preload_libraries',
       'local_preload_libraries'
     )
   )
   and (s.setrole = 0 or s.setrole::regrole::text like 'cloison\_%')
 order by 1;
