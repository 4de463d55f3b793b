-- Concern: who may look into which of our schemas. access_private is for the engine and, one table each, for the gateway's
-- login, the role-maker and the signaller; nobody but the owner makes anything in any of them.
-- A violation: a door to what is nobody's; or a place in which somebody can make a table that ours would be taken for.
-- To mend: `cloison migrate` takes back what it did not give.
select format(
         'schema %s: %s may %s', n.nspname,
         case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end, lower(g.privilege_type)
       ) as violation
  from pg_catalog.pg_namespace n, aclexplode(n.nspacl) g
 where n.nspname in ('crm', 'access', 'access_private', 'analyst', 'extensions') and g.grantee <> n.nspowner
   and not (
     g.privilege_type = 'USAGE' and not g.is_grantable and g.grantee <> 0
     and (n.nspname, g.grantee::regrole::text) in (
       ('crm', 'cloison_engine'), ('crm', 'cloison_reader'),
       ('access', 'cloison_engine'), ('access', 'cloison_reader'), ('access', 'cloison_gateway'),
       ('access', 'cloison_signaller'), ('access', 'cloison_analyst'), ('analyst', 'cloison_analyst'),
       ('access_private', 'cloison_engine'), ('access_private', 'cloison_gateway'),
       ('access_private', 'cloison_role_maker'), ('access_private', 'cloison_signaller'),
       ('extensions', 'cloison_engine')
     )
   )
 order by 1;
