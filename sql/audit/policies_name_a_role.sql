-- Concern: every policy says to whom, and that is one of four: the engine, readers, members, the gateway's login.
-- A violation: a policy for everybody (PUBLIC), which a login that nobody thought of would pass; or for a role that is
-- none of ours.
-- To mend: name the role in the policy's file below sql/policies/, then `cloison migrate`.
select format(
         'policy %I on %s: is for %s', p.polname, p.polrelid::regclass,
         case when named.role = 0 then 'everybody' else named.role::regrole::text end
       ) as violation
  from pg_catalog.pg_policy p
  join pg_catalog.pg_class c on c.oid = p.polrelid,
  unnest(p.polroles) named (role)
 where c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace, 'access_private'::regnamespace)
   and named.role not in (
     'cloison_engine'::regrole, 'cloison_reader'::regrole, 'cloison_member'::regrole, 'cloison_gateway'::regrole
   )
union all
-- Before it has entered anybody, the gateway turns a slug into an account, and reads nothing else.
select format('policy %I on %s: lets the gateway''s login read before it has entered anybody', p.polname, p.polrelid::regclass)
  from pg_catalog.pg_policy p
 where 'cloison_gateway'::regrole = any (p.polroles)
   and (p.polrelid, p.polname, p.polcmd) is distinct from ('access.account'::regclass, 'gateway_slug', 'r')
 order by 1;
