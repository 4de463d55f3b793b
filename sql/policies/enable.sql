-- Concern: row-level security is on for every table of crm and access, and forced: without a policy there are no rows, for
-- the owner too.
do $$
declare
  t record;
begin
  for t in
    select c.oid::regclass as name from pg_catalog.pg_class c
     where c.relkind in ('r', 'p') and c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace)
       and not (c.relrowsecurity and c.relforcerowsecurity)
  loop
    execute format('alter table %s enable row level security, force row level security', t.name);
  end loop;
end $$;
