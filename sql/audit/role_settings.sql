-- Concern: nothing of who somebody is comes from the settings of a role or a database. The gateway's login is believed what
-- it sets in a transaction: a default would make everybody that somebody before he has entered.
-- A violation: `alter role` or `alter database ... set cloison.*`, `role`, `row_security`... Not of an analyst's login, which
-- sets for itself what it likes, and is looked up by its name.
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
   and (s.setrole = 0 or s.setrole::regrole::text like 'cloison\_%' and s.setrole::regrole::text !~ '^cloison_a_[0-9a-f]{20}$')
 order by 1;
