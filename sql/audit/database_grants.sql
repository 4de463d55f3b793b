-- Concern: only analysts and the gateway connect, nobody but the gateway's login makes temporary tables, nobody makes
-- anything else outside of our schemas, and nothing that is made later is open to anybody by default. Who can make a function or an operator can have it called
-- before the policies, or find candidates for a search_path.
-- A violation: `grant connect`, `create` or `temporary`, or default privileges for everybody or for one of ours.
-- To mend: `revoke create on schema ... from public`, `revoke temporary on database ... from ...`, `alter default privileges`.
select format(
         'database %s: %s may %s', d.datname,
         case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end, lower(g.privilege_type)
       ) as violation
  from pg_catalog.pg_database d, aclexplode(coalesce(d.datacl, acldefault('d', d.datdba))) g
 where d.datname = current_database()
   and (g.grantee = 0 or g.grantee::regrole::text like 'cloison\_%')
   and (case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end, g.privilege_type) not in (
     ('cloison_gateway', 'CONNECT'), ('cloison_gateway', 'TEMPORARY'), ('cloison_analyst', 'CONNECT')
   )
union all
select format(
         'schema %s: %s may create', n.nspname,
         case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end
       )
  from pg_catalog.pg_namespace n, aclexplode(n.nspacl) g
 where g.privilege_type = 'CREATE' and g.grantee <> n.nspowner
   and (g.grantee = 0 or g.grantee::regrole::text like 'cloison\_%')
   and n.nspname !~ '^pg_(toast_)?temp_'
union all
select format(
         'default privileges of %s: %s will have %s on what is made later', a.defaclrole::regrole,
         case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end, lower(g.privilege_type)
       )
  from pg_catalog.pg_default_acl a, aclexplode(a.defaclacl) g
 where g.grantee <> a.defaclrole
   -- Anybody may give away what he makes. An analyst makes nothing: whoever lets one is found above.
   and not (
     a.defaclrole::regrole::text ~ '^cloison_a_[0-9a-f]{20}$'
     and not has_database_privilege(a.defaclrole, current_database(), 'CREATE, TEMPORARY')
     and not exists (
       select from pg_catalog.pg_namespace n
        where n.nspname !~ '^pg_(toast_)?temp_' and has_schema_privilege(a.defaclrole, n.oid, 'CREATE')
     )
   )
   and (g.grantee = 0 or g.grantee::regrole::text like 'cloison\_%')
   and (
     a.defaclnamespace = 0
     or a.defaclnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
   )
 order by 1;
