-- Concern: the history of access is complete and stays as it was written (X5): every fact and every assignment has the trigger
-- that writes it, the guards of the table are there, and nobody but the engine has a policy to write it.
-- A violation: a change of access of which nothing is known, or a past that somebody could have rewritten.
-- To mend: `cloison migrate` puts triggers, policies and grants back; what was not written meanwhile is not known.
with writer (relation, name, function, kind, deferred) as (
  values
  -- Bits of tgtype: 1 row, 2 before, 4 insert, 8 delete, 16 update, 32 truncate.
  {% for table in [
    'membership', 'team_member', 'team_role', 'team_edge', 'role_cell', 'exception', 'account_tier',
    'account_setting', 'analyst_login', 'sensitivity', 'share'
  ] -%}
  ('access.{{ table }}'::regclass, '{{ table }}_logged', 'access_private.log_{{ table }}()', 1 + 4 + 8 + 16, true),
  {% endfor -%}
  ('access.team'::regclass, 'team_logged', 'access_private.log_team()', 1 + 4 + 8 + 16, false),
  ('access.role'::regclass, 'role_logged', 'access_private.log_role()', 1 + 4 + 8 + 16, false),
  ('access.invitation'::regclass, 'invitation_logged', 'access_private.log_invitation()', 1 + 4 + 8 + 16, false),
  ('access_private.operator'::regclass, 'operator_logged', 'access_private.log_operator()', 1 + 4 + 8 + 16, false),
  ('access_private.installation'::regclass, 'subscribing_logged', 'access_private.log_subscribing()', 1 + 16, false),
  ('access.account'::regclass, 'account_logged', 'access_private.log_account()', 1 + 16, false),
  {% for m in registry.modules if m.kind in ('record', 'asset') -%}
  ('crm.{{ m.name }}'::regclass, 'log_assigned', 'access_private.log_assigned_{{ m.name }}()', 1 + 16, false),
  {% endfor -%}
  ('access.access_log'::regclass, 'access_log_signed', 'access_private.sign_history()', 1 + 2 + 4, false),
  ('access.access_log'::regclass, 'access_log_reason', 'access_private.keep_but_reason()', 1 + 2 + 16, false),
  ('access.access_log'::regclass, 'access_log_kept', 'access_private.keep_history()', 2 + 8 + 16 + 32, false),
  ('access_private.operator_log'::regclass, 'operator_log_signed', 'access_private.sign_operator_log()', 1 + 2 + 4, false),
  ('access_private.operator_log'::regclass, 'operator_log_reason', 'access_private.keep_but_reason()', 1 + 2 + 16, false),
  ('access_private.operator_log'::regclass, 'operator_log_kept', 'access_private.keep_history()', 2 + 8 + 16 + 32, false)
),
-- What a trigger may ask before it writes: an assignment's owner and teams, an account's kind, whether people subscribe.
condition (relation, said) as (
  values
  {% for m in registry.modules if m.kind in ('record', 'asset') -%}
  ('crm.{{ m.name }}'::regclass, '{% for column in m.own_columns %}old.{{ column }} IS DISTINCT FROM new.{{ column }}{{ ' OR ' if not loop.last }}{% endfor %}'),
  {% endfor -%}
  ('access_private.installation'::regclass, 'old.subscribing IS DISTINCT FROM new.subscribing'),
  ('access.account'::regclass, 'old.kind IS DISTINCT FROM new.kind')
)
select format('%s: its trigger %s is absent, disabled or not as it must be', w.relation, w.name) as violation
  from writer w
 where not exists (
   select from pg_catalog.pg_trigger t
    where t.tgrelid = w.relation and t.tgname = w.name and t.tgfoid = to_regprocedure(w.function) and t.tgtype = w.kind
      and t.tgenabled = case when w.name ~ '_log_(kept|reason)$' then 'A' else t.tgenabled end and t.tgenabled in ('O', 'A')
      and cardinality(t.tgattr::smallint[]) = 0 and (t.tgdeferrable, t.tginitdeferred) = (w.deferred, w.deferred)
      and translate(substring(pg_get_triggerdef(t.oid) from ' WHEN (.*) EXECUTE FUNCTION '), '()', '') is not distinct from (
        select c.said from condition c where c.relation = w.relation
      )
 )
union all
select format('policy %I on access.access_log: lets somebody write, or see more than is meant', p.polname)
  from pg_catalog.pg_policy p
 where p.polrelid = 'access.access_log'::regclass
   and (p.polname::text, p.polcmd::text, p.polroles) not in (
     ('account_partition', '*', array['cloison_reader'::regrole]::oid[]),
     ('engine_reads', 'r', array['cloison_engine'::regrole]::oid[]),
     ('engine_writes', 'a', array['cloison_engine'::regrole]::oid[]),
     ('engine_erases', 'w', array['cloison_engine'::regrole]::oid[]),
     {% for view in ['kinds', 'assignments'] -%}
     ('view_{{ view }}', 'r', array['cloison_reader'::regrole]::oid[]){{ ',' if not loop.last }}
     {% endfor -%}
   )
union all
select format(
         'access.access_log: %s may %s',
         case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end, lower(g.privilege_type)
       )
  from (
    select g.grantee, g.privilege_type, null::name as attname from pg_catalog.pg_class c, aclexplode(c.relacl) g
     where c.oid = 'access.access_log'::regclass and g.grantee <> c.relowner
    union
    select g.grantee, g.privilege_type, a.attname
      from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid, aclexplode(a.attacl) g
     where c.oid = 'access.access_log'::regclass and g.grantee <> c.relowner
  ) g
 where (g.grantee, g.privilege_type, g.attname) is distinct from ('cloison_engine'::regrole, 'UPDATE', 'reason')
   and (g.grantee, g.privilege_type) not in (
   ('cloison_engine'::regrole, 'SELECT'), ('cloison_engine'::regrole, 'INSERT'), ('cloison_reader'::regrole, 'SELECT')
 )
 order by 1;
