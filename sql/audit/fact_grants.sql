-- Concern: of the facts of access members and analysts read a few columns, under policies, and write none but the keys of
-- their imports; members read the trash; the gateway's login reads ids and slugs of accounts.
-- A violation: somebody reads facts past those columns, or makes facts past the functions that check.
-- To mend: `cloison migrate` takes back what it did not give.
with granted as (
  select c.oid, null::name as attname, g.grantee, g.privilege_type, g.is_grantable
    from pg_catalog.pg_class c, aclexplode(c.relacl) g
   where c.relnamespace = 'access'::regnamespace and g.grantee <> c.relowner
  union
  select c.oid, a.attname, g.grantee, g.privilege_type, g.is_grantable
    from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped, aclexplode(a.attacl) g
   where c.relnamespace = 'access'::regnamespace and g.grantee <> c.relowner
)
select format(
         '%s: %s may %s%s', g.oid::regclass,
         case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end, lower(g.privilege_type), ' ' || g.attname
       ) as violation
  from granted g
 where g.is_grantable or g.grantee = 0
    or case g.grantee::regrole::text
         when 'cloison_engine' then g.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
         when 'cloison_gateway' then
           g.privilege_type <> 'SELECT' or g.oid <> 'access.account'::regclass
           or coalesce(g.attname not in ('id', 'slug'), true)
         when 'cloison_member' then
           -- The trash is for those who may delete, and no analyst does.
           (g.oid not in ('access.trash'::regclass, 'access.trash_sensitive'::regclass) or g.privilege_type <> 'SELECT')
           and (g.oid <> 'access.import_key'::regclass
           or case g.privilege_type
                when 'SELECT' then false
                when 'INSERT' then coalesce(g.attname not in ('account_id', 'source', 'module', 'key', 'row_id'), true)
                else true
              end)
         when 'cloison_reader' then
           g.privilege_type <> 'SELECT'
           or case g.oid::regclass::text
                when 'access.account' then coalesce(g.attname not in ('id', 'slug', 'name', 'kind'), true)
                when 'access.app_user' then coalesce(g.attname not in ('id', 'email'), true)
                when 'access.member' then coalesce(g.attname not in ('account_id', 'user_id', 'name'), true)
                when 'access.team' then coalesce(g.attname not in ('account_id', 'id', 'name', 'deleted_at'), true)
                when 'access.team_edge' then false
                when 'access.outbox' then false
                when 'access.outbox_content' then false
                when 'access.share' then false
                when 'access.job_refusal' then false
                when 'access.job' then
                  coalesce(g.attname in ('change', 'request', 'attempt', 'failures', 'leased_until'), true)
                -- Of this one more is asked in history.sql.
                when 'access.access_log' then false
                when 'access.role' then coalesce(g.attname not in ('account_id', 'id', 'name', 'builtin', 'deleted_at'), true)
                when 'access.role_cell' then
                  coalesce(g.attname not in ('account_id', 'role_id', 'module', 'action', 'scope', 'valid'), true)
                when 'access.team_role' then coalesce(g.attname not in ('account_id', 'team_id', 'role_id', 'valid'), true)
                when 'access.membership' then
                  coalesce(g.attname not in ('account_id', 'user_id', 'status', 'role_id', 'super_admin', 'valid'), true)
                when 'access.team_member' then
                  coalesce(g.attname not in ('account_id', 'user_id', 'team_id', 'is_main', 'valid'), true)
                when 'access.exception' then
                  coalesce(
                    g.attname not in ('account_id', 'user_id', 'module', 'action', 'scope', 'effect', 'valid'), true
                  )
                when 'access.sensitivity' then coalesce(g.attname not in ('account_id', 'module', 'sensitive', 'valid'), true)
                when 'access.invitation' then
                  coalesce(
                    g.attname not in (
                      'account_id', 'id', 'email', 'name', 'role_id', 'main_team_id', 'team_ids', 'invited_by', 'invited_at',
                      'expires_at', 'revoked_at', 'accepted_at', 'accepted_by'
                    ), true
                  )
                when 'access.builtin_role_cell' then coalesce(g.attname not in ('role', 'module', 'action', 'scope'), true)
                when 'access.capability' then coalesce(g.attname not in ('module', 'action'), true)
                else true
              end
         else true
       end
 order by 1;
