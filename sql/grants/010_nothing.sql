-- Concern: nobody has anything but what the files of this folder grant: what an earlier version granted is taken back first.
do $$
declare
  grantee text;
  f record;
begin
  foreach grantee in array array[
    'public', 'cloison_reader', 'cloison_member', 'cloison_gateway', 'cloison_signaller', 'cloison_role_maker'
  ] loop
    execute format('revoke all on all tables in schema access, access_private, crm from %s', grantee);
    execute format('revoke all on all functions in schema access, access_private, crm from %s', grantee);
    execute format('revoke all on schema access, access_private, crm, extensions from %s', grantee);
  end loop;
  -- Column grants outlive a REVOKE on the table's own list; take them one by one.
  for f in
    select c.oid::regclass as name, a.attname, g.grantee::regrole as role
      from pg_catalog.pg_attribute a
      join pg_catalog.pg_class c on c.oid = a.attrelid,
      lateral aclexplode(a.attacl) g
     where c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
       and g.grantee <> 0
  loop
    execute format('revoke all (%I) on %s from %s', f.attname, f.name, f.role);
  end loop;
end $$;
alter default privileges for role cloison_owner revoke execute on functions from public;
alter default privileges for role cloison_engine revoke execute on functions from public;
alter default privileges for role cloison_owner in schema access, access_private, crm revoke all on tables from public;
