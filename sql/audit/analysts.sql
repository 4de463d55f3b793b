-- Concern: an analyst's login is bound to one member for ever, is open while it holds and closed when it has ended. (That it is
-- an analyst and nothing else: role_memberships.sql. What it sets for itself, such as to begin other than read-only, is its own
-- affair: anybody may, and it may write nothing.)
-- A violation: somebody reads as a member that he is not, or after he should not; or cannot log in after a restore, since
-- roles are not in a dump.
-- To mend: `select access.revoke_analyst('...')` and make a new login; drop a login that is bound to nobody.
select format('login %s: is bound to more than one member', l.login) as violation
  from access.analyst_login l
 group by l.login having count(distinct l.account_id::text || l.user_id::text) > 1
union all
select format('login %s: holds, and is no login that reads', l.login)
  from access.analyst_login l
 where l.valid @> clock_timestamp()
   and not exists (
     select from pg_catalog.pg_roles r
       join pg_catalog.pg_auth_members a on a.member = r.oid and a.roleid = 'cloison_analyst'::regrole
      where r.rolname = l.login and r.rolcanlogin and r.rolconnlimit between 1 and 20
   )
union all
select format('login %s: has ended, and is still open', l.login)
  from access.analyst_login l join pg_catalog.pg_roles r on r.rolname = l.login
 where not l.valid @> clock_timestamp()
   and (r.rolcanlogin or exists (select from pg_catalog.pg_auth_members a where a.member = r.oid))
union all
select format('login %s: is bound to no member, and no login''s name', l.login)
  from access.analyst_login l
 where l.login !~ '^cloison_a_[0-9a-f]{20}$'
 order by violation;
