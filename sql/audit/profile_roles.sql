-- Concern: a profile that a member acts as is a role that cannot log in and that the gateway may become.
-- A violation: the gateway cannot enter the members who have it (roles are not in a dump), or somebody else can.
-- To mend: `select access_private.refresh_all()` makes absent roles; whose memberships are wrong, see role_memberships.sql.
select format('profile %s: has no role that the gateway may become', p.name) as violation
  from access_private.profile p
 where not p.reader
   and exists (select from access_private.session_profile s where s.profile = p.name)
   and not exists (
     select from pg_catalog.pg_roles r
       join pg_catalog.pg_auth_members up on up.member = r.oid and up.roleid = 'cloison_member'::regrole
       join pg_catalog.pg_auth_members down on down.roleid = r.oid and down.member = 'cloison_gateway'::regrole
      where r.rolname = p.name
   )
union all
select format('profile %s: is an analyst''s, and a role', p.name)
  from access_private.profile p join pg_catalog.pg_roles r on r.rolname = p.name
 where p.reader
union all
select format('user %s in account %s: %s is a profile of the wrong kind', s.user_id, s.account_id, p.name)
  from access_private.session_profile s
  join access_private.profile p on p.name in (s.profile, s.reader_profile)
 where p.reader <> (p.name = s.reader_profile)
 order by 1;
