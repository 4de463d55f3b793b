-- Concern: every change of a module's rows passes the action wall. It fires for every UPDATE and DELETE of a row without
-- exception, as the caller, after every other BEFORE trigger; new rows pass it after their INSERT; pairs before all three.
-- It reads no generated column of NEW, which is null there: `not (new.team_key = any (...))` would let a move pass.
-- A violation: a change that a member's policies allow and a product action forbids (publish, assign...) goes through.
-- To mend: `cloison migrate`; name your own BEFORE trigger so that it sorts before z_action_wall.
with wall (relation, name, function, kind) as (
  values
  -- Bits of tgtype: 1 row, 2 before, 4 insert, 8 delete, 16 update.
  {% for m in registry.modules -%}
  ('crm.{{ m.name }}'::regclass, 'z_action_wall', 'access_private.wall_{{ m.name }}()', 1 + 2 + 8 + 16),
  ('crm.{{ m.name }}'::regclass, 'z_action_wall_inserted', 'access_private.wall_inserted_{{ m.name }}()', 4),
  {% for link in m.to_many -%}
  ('crm.{{ link.through }}'::regclass, 'z_action_wall', 'access_private.wall_{{ link.through }}()', 1 + 2 + 4 + 8 + 16),
  {% endfor -%}
  {% endfor -%}
  (null, null, null, null)
),
present as (
  select w.relation, w.name, t.oid as trigger
    from wall w
    left join pg_catalog.pg_trigger t
      on t.tgrelid = w.relation and t.tgname = w.name and t.tgfoid = to_regprocedure(w.function)
     and t.tgtype = w.kind and t.tgenabled in ('O', 'A') and t.tgqual is null and cardinality(t.tgattr::smallint[]) = 0
     and (w.kind <> 4 or t.tgnewtable = 'inserted')
   where w.relation is not null
)
select format('%s: its action wall %s is absent, disabled or not as it must be', p.relation, p.name) as violation
  from present p where p.trigger is null
union all
select format('function %s: is the action wall and does not run as its caller', f.oid::regprocedure)
  from present p
  join pg_catalog.pg_trigger t on t.oid = p.trigger
  join pg_catalog.pg_proc f on f.oid = t.tgfoid
 where f.prosecdef
union all
select format('trigger %I on %s: changes rows that have passed the action wall', t.tgname, t.tgrelid::regclass)
  from present p
  join pg_catalog.pg_trigger t on t.tgrelid = p.relation
 where p.name = 'z_action_wall' and not t.tgisinternal and t.tgtype & 3 = 3
   and t.tgname collate "C" > 'z_action_wall' collate "C"
union all
select format('function %s: reads the generated column %s of a new row, which is null there', f.oid::regprocedure, a.attname)
  from present p
  join pg_catalog.pg_trigger t on t.tgrelid = p.relation and not t.tgisinternal and t.tgtype & 3 = 3
  join pg_catalog.pg_proc f on f.oid = t.tgfoid
  join pg_catalog.pg_attribute a on a.attrelid = p.relation and a.attgenerated <> '' and not a.attisdropped
 where p.name = 'z_action_wall'
   and regexp_replace(f.prosrc, '--[^\n]*', '', 'g') ~* ('\mnew\.' || a.attname || '\M')
 order by 1;
