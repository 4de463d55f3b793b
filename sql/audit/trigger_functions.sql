-- Concern: trigger bodies do not ask which table they are on, and notify nobody (design, section 9): on a sharded engine the
-- table is a shard with another name; and a queue that an idle analyst filled by LISTEN would make a write fail.
-- To mend: pass an argument in CREATE TRIGGER; write an event to an outbox and wake its readers elsewhere.
select distinct format('function %s: uses %s in a trigger', p.oid::regprocedure, lower(used[1])) as violation
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_class c on c.oid = t.tgrelid
  join pg_catalog.pg_proc p on p.oid = t.tgfoid,
  regexp_matches(
    regexp_replace(p.prosrc, '--[^\n]*', '', 'g'),
    '\m(tg_table_name|tg_table_schema|tg_relname|tg_relid|pg_notify|notify|listen)\M', 'gi'
  ) used
 where c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
   and not t.tgisinternal
 order by 1;
