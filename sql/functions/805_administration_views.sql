-- Concern: views for those who may see how access is set up: roles, members and what they have, what is sensitive. As the other views, they run
-- as their caller, under the caller's policies; they show what holds now.

create or replace view crm.roles with (security_invoker = true, security_barrier = false) as
  select r.account_id, r.id, r.name, r.builtin is not null as built_in
    from access.role r
   where r.deleted_at is null;
comment on view crm.roles is 'Roles of the account, built-in and custom ones.';

create or replace view crm.role_cells with (security_invoker = true, security_barrier = false) as
  select c.account_id, c.role_id, c.module, c.action, array_agg(c.scope order by c.scope) as scopes
    from (
      select x.account_id, x.role_id, x.module, x.action, x.scope
        from access.role_cell x where x.valid @> statement_timestamp()
      union all
      select r.account_id, r.id, b.module, b.action, b.scope
        from access.role r join access.builtin_role_cell b on b.role = r.builtin
      union all
      select r.account_id, r.id, k.module, k.action, 'all'::text collate "C"
        from access.role r cross join access.capability k where r.builtin = 'Owner'
    ) c
    {%- for tool in registry.tools if tool.kinds %}
   where c.module <> '{{ tool.name }}'
      or exists (
        select from access.account a
         where a.id = c.account_id and a.kind in ({% for kind in tool.kinds %}'{{ kind }}'{{ ', ' if not loop.last }}{% endfor %})
      )
    {%- endfor %}
   group by c.account_id, c.role_id, c.module, c.action;
comment on view crm.role_cells is 'What roles hold, as it was granted: per module and action, the scopes.';

create or replace view crm.team_roles with (security_invoker = true, security_barrier = false) as
  select t.account_id, t.team_id, t.role_id from access.team_role t where t.valid @> statement_timestamp();
comment on view crm.team_roles is 'Roles that are attached to teams.';

create or replace view crm.members with (security_invoker = true, security_barrier = false) as
  select m.account_id, m.user_id as id, p.name, u.email, m.status, m.role_id, m.super_admin
    from access.membership m
    join access.member p on p.account_id = m.account_id and p.user_id = m.user_id
    join access.app_user u on u.id = m.user_id
   where m.valid @> statement_timestamp();
comment on view crm.members is 'Members of the account, active and deactivated ones.';

create or replace view crm.member_teams with (security_invoker = true, security_barrier = false) as
  select t.account_id, t.user_id as member_id, t.team_id, t.is_main
    from access.team_member t where t.valid @> statement_timestamp();
comment on view crm.member_teams is 'Main and extra teams of members.';

create or replace view crm.exceptions with (security_invoker = true, security_barrier = false) as
  select e.account_id, e.user_id as member_id, e.module, e.action, e.scope, e.effect, upper(e.valid) as until
    from access.exception e where e.valid @> statement_timestamp();
comment on view crm.exceptions is 'Personal exceptions that hold now; until is null for one without an end.';

create or replace view crm.invitations with (security_invoker = true, security_barrier = false) as
  select i.account_id, i.id, i.email, i.name, i.role_id, i.main_team_id, i.team_ids, i.invited_by, i.invited_at, i.expires_at,
         i.accepted_by,
         case when i.accepted_at is not null then 'accepted'
              when i.revoked_at is not null then 'revoked'
              when i.expires_at <= statement_timestamp() then 'expired'
              else 'open' end as status
    from access.invitation i;
comment on view crm.invitations is 'Who was invited to the account, by whom, as what, and what became of it.';

create or replace view crm.sensitive_modules with (security_invoker = true, security_barrier = false) as
  select a.id as account_id, m.module, m.columns, coalesce(s.sensitive, true) as sensitive, lower(s.valid) as since
    from access.account a
   cross join (
     values
     {% for m in registry.modules if m.sensitive and not m.part_of -%}
     ('{{ m.name }}', '{{ '{' }}{{ m.sensitive | map(attribute='name') | join(',') }}{{ '}' }}'::text[]){{ ',' if not loop.last }}
     {% endfor -%}
   ) m (module, columns)
    left join access.sensitivity s
      on s.account_id = a.id and s.module = m.module and s.valid @> statement_timestamp()
   where access.reach('settings', 'view') <> 0;
comment on view crm.sensitive_modules is
  'Modules with columns that need view_sensitive, and whether they do in the account, since when; null: from the start.';

{% for view in [
  'roles', 'role_cells', 'team_roles', 'members', 'member_teams', 'exceptions', 'sensitive_modules',
  'invitations'
] -%}
alter view crm.{{ view }} owner to cloison_owner;
{% endfor %}
