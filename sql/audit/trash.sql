-- Concern: what is deleted can be restored: every delete of a module's rows writes them into the trash, before what they let
-- go of is added to it.
-- A violation: a row that is deleted is gone for good, or comes back without what belonged to it.
-- To mend: `cloison migrate` puts the triggers back; what was deleted meanwhile is in backups alone.
with needed (relation, name, function) as (
  values
  {% for m in registry.modules -%}
  ('crm.{{ m.name }}'::regclass, 'trash_deleted', 'access_private.trash_{{ m.name }}()'){{ ',' if not loop.last }}
  {% endfor -%}
)
select format('%s: its trigger %s is absent, disabled or not as it must be', n.relation, n.name) as violation
  from needed n
 where not exists (
   select from pg_catalog.pg_trigger t
    -- Bits of tgtype: 8 delete, and neither for each row nor before.
    where t.tgrelid = n.relation and t.tgname = n.name and t.tgfoid = to_regprocedure(n.function) and t.tgtype = 8
      and t.tgenabled in ('O', 'A') and t.tgqual is null and t.tgoldtable = 'deleted'
 )
union all
select format('trigger %I on %s: comes before what goes to the trash', t.tgname, t.tgrelid::regclass)
  from needed n
  join pg_catalog.pg_trigger t on t.tgrelid = n.relation
 where t.tgfoid = to_regprocedure('access_private.unlink_' || split_part(n.relation::text, '.', 2) || '()')
   and t.tgname collate "C" < n.name collate "C"
 order by 1;
