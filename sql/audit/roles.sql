-- Concern: none of our roles is past the policies, and only two kinds of them log in: the gateway, and analysts.
-- A violation: SUPERUSER and BYPASSRLS see every row, REPLICATION reads the whole server, CREATEROLE (which the role-maker
-- alone has) hands out memberships; a group that logs in is a door without a member behind it.
-- To mend: `alter role ... nosuperuser nobypassrls noreplication nocreatedb nocreaterole nologin`, `cloison migrate`.
with ours as (
  select r.*,
         case when r.rolname ~ '^cloison_p_[0-9a-f]{32}$' then 'profile'
              when r.rolname ~ '^cloison_a_[0-9a-f]{20}$' then 'analyst'
              else r.rolname end as kind
    from pg_catalog.pg_roles r
   where r.rolname in (
     'cloison_owner', 'cloison_engine', 'cloison_role_maker', 'cloison_signaller', 'cloison_reader', 'cloison_member',
    'cloison_window', 'cloison_analyst',
     'cloison_gateway'
   )
      or r.rolname ~ '^cloison_(p_[0-9a-f]{32}|a_[0-9a-f]{20})$'
)
select format('role %I: has %s', o.rolname, granted.attribute) as violation
  from ours o,
  lateral (
    values
    ('SUPERUSER', o.rolsuper), ('BYPASSRLS', o.rolbypassrls), ('REPLICATION', o.rolreplication),
    ('CREATEDB', o.rolcreatedb),
    ('CREATEROLE', o.rolcreaterole and o.kind <> 'cloison_role_maker'),
    ('LOGIN', o.rolcanlogin and o.kind not in ('cloison_gateway', 'analyst')),
    ('INHERIT', o.rolinherit and o.kind in ('cloison_gateway', 'cloison_owner', 'cloison_engine', 'cloison_role_maker'))
  ) granted (attribute, held)
 where granted.held
union all
select format('role %I: is absent', fixed.name)
  from unnest(array[
    'cloison_owner', 'cloison_engine', 'cloison_role_maker', 'cloison_signaller', 'cloison_reader', 'cloison_member',
    'cloison_window', 'cloison_analyst',
    'cloison_gateway'
  ]) fixed (name)
 where not exists (select from ours o where o.rolname = fixed.name)
 order by 1;
