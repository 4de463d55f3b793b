-- Concern: every trigger of our tables fires, those of foreign keys too.
-- A violation: `alter table ... disable trigger`, forgotten after a repair: profiles, walls or references are not kept.
-- To mend: `alter table ... enable trigger all`, then `select access_private.refresh_all()` and this audit again.
select format(
         'trigger %I on %s: %s', t.tgname, t.tgrelid::regclass,
         case t.tgenabled when 'D' then 'is disabled' else 'fires for replication only' end
       ) as violation
  from pg_catalog.pg_trigger t
  join pg_catalog.pg_class c on c.oid = t.tgrelid
 where c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
   and t.tgenabled not in ('O', 'A')
 order by 1;
