-- Concern: who sees how access is set up: what roles hold with `view` on roles, who has which with `view` on users, and which
-- modules have sensitive columns with `view` on settings. What held once is the history's.
{% for table, tools in [
  ('role', ['roles', 'users']), ('role_cell', ['roles']), ('team_role', ['roles']),
  ('membership', ['users']), ('team_member', ['users']), ('exception', ['users']), ('invitation', ['users']),
  ('sensitivity', ['settings'])
] %}
create policy account_partition on access.{{ table }} as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.{{ table }} is 'What is of other accounts does not exist for the caller.';

create policy tool_view on access.{{ table }} for select to cloison_reader
  using (
    ({% for tool in tools %}access.has('{{ tool }}', 'view', 'all'){{ ' or ' if not loop.last }}{% endfor %})
    {%- if table == 'role' %} and deleted_at is null
    {%- elif table != 'invitation' %} and valid @> statement_timestamp(){% endif %}
  );
comment on policy tool_view on access.{{ table }} is 'With `view` on {{ tools | join(' or ') }}, as it is now.';
{% endfor %}
{% for table in ['builtin_role_cell', 'capability'] %}
create policy tool_view on access.{{ table }} for select to cloison_reader using (access.has('roles', 'view', 'all'));
comment on policy tool_view on access.{{ table }} is 'What built-in roles hold, with `view` on roles.';
{% endfor %}
