-- Concern: the tables of facts are the engine's; what a member may know of them is said table by table in people.sql.
{% for table in [
  'account', 'app_user', 'capability', 'module', 'builtin_role_cell', 'account_tier', 'account_setting', 'team', 'team_edge', 'role', 'role_cell',
  'member', 'membership', 'team_member', 'team_role', 'exception', 'analyst_login', 'import_key', 'outbox', 'outbox_content', 'share',
  'invitation', 'trash', 'trash_sensitive', 'sensitivity', 'job', 'job_refusal'
] %}
create policy engine on access.{{ table }} for all to cloison_engine using (true) with check (true);
comment on policy engine on access.{{ table }} is 'The engine''s functions check for themselves.';
{% endfor %}
