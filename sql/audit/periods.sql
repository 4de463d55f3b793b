-- Concern: every fact that decides who may do what carries the period in which it holds, and every row of a module since when
-- it belongs to whom: the past can be asked about (X5), and an end needs no job. It cannot be added later.
-- A violation: a table of facts without `valid`, or in which it may be null or may overlap.
-- To mend: a revision that gives it `valid tstzrange not null` and an exclusion constraint over its key.
with fact (relation, repeats) as (
  values
  ('access.account_tier', false), ('access.team_edge', false), ('access.role_cell', false), ('access.membership', false),
  ('access.team_member', false), ('access.team_role', false), ('access.exception', false), ('access.share', false), ('access.sensitivity', false),
  ('access_private.session_profile', false), ('access_private.waiting_profile', false),
  -- A login is bound once and for ever.
  ('access.analyst_login', true), ('access_private.past_assignment', true)
)
select format('%s: has no period', f.relation) as violation
  from fact f
 where not exists (
   select from pg_catalog.pg_attribute a
    where a.attrelid = to_regclass(f.relation) and a.attname = 'valid' and a.attnotnull
      and a.atttypid = 'tstzrange'::regtype and not a.attisdropped
 )
union all
select format('%s: its periods may overlap', f.relation)
  from fact f
 where not f.repeats
   and not exists (
     select from pg_catalog.pg_constraint c
       join pg_catalog.pg_attribute a on a.attrelid = c.conrelid and a.attname = 'valid'
      where c.conrelid = to_regclass(f.relation) and c.contype = 'x' and a.attnum = any (c.conkey)
   )
union all
select format('%s: decides who may do what, and is not known to this audit', c.oid::regclass)
  from pg_catalog.pg_trigger t join pg_catalog.pg_class c on c.oid = t.tgrelid
 where t.tgfoid = 'access_private.facts_changed()'::regprocedure
   and c.oid <> 'access.team'::regclass
   and c.oid::regclass::text not in (select f.relation from fact f)
 group by c.oid
 order by violation;
