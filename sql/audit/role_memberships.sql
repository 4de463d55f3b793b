-- Concern: who is a member of whom. A member reads what readers read; a profile is a member and nothing else, and the gateway
-- alone may become it, without inheriting from it; an analyst is a reader of views and nothing else, and their owner a reader and
-- nothing else; nobody is a member of the owner, the engine, the role-maker, the signaller or the views' owner, and the owner and the engine are members of nothing.
-- A violation: whoever it names holds the rights of two, or may become somebody.
-- To mend: `revoke ... from ...`.
with held as (
  select g.rolname as granted, m.rolname as member,
         (to_jsonb(a) ->> 'inherit_option')::boolean as inherits, (to_jsonb(a) ->> 'set_option')::boolean as becomes,
         a.admin_option
    from pg_catalog.pg_auth_members a
    join pg_catalog.pg_roles g on g.oid = a.roleid
    join pg_catalog.pg_roles m on m.oid = a.member
   where g.rolname like 'cloison\_%' or m.rolname like 'cloison\_%'
),
judged as (
  select h.*,
         case
           when h.granted = 'cloison_reader' and h.member in ('cloison_member', 'cloison_window') then not h.admin_option
           -- To hand these on is all that the role-maker has them for. From 16 on, whoever makes a role administers it.
           when h.member = 'cloison_role_maker' then
             h.admin_option and h.inherits is not true
             and h.granted ~ '^cloison_(analyst|member|p_[0-9a-f]{32}|a_[0-9a-f]{20})$'
             and (h.granted in ('cloison_analyst', 'cloison_member') or h.becomes is not true)
           when h.member = 'cloison_signaller' then
             h.granted in ('pg_signal_backend', 'pg_read_all_stats') and not h.admin_option
           when h.member ~ '^cloison_p_[0-9a-f]{32}$' then h.granted = 'cloison_member' and not h.admin_option
           when h.member = 'cloison_gateway' then
             h.granted ~ '^cloison_p_[0-9a-f]{32}$' and h.inherits is not true and not h.admin_option
           when h.member ~ '^cloison_a_[0-9a-f]{20}$' then
             h.granted = 'cloison_analyst' and h.becomes is not true and not h.admin_option
           else false
         end as allowed
    from held h
)
select format('%s: is a member of %s, or not in the way it must be', j.member, j.granted) as violation
  from judged j where not j.allowed
 order by 1;
