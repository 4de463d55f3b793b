-- Concern: which rows of {{ m.name }} a caller sees, a policy for each scope (C1). has() is a constant to the planner, so
-- what remains in a plan is the viewer's own scopes, and their index serves. Pages by age are found by the same rules in
-- sql/functions/record/page.sql: change both (sql/audit/pages_by_age.sql).
create policy view_all on crm.{{ m.name }} for select to cloison_reader
  using (access.has('{{ m.governing }}', 'view', 'all'));
comment on policy view_all on crm.{{ m.name }} is 'Scope all: every row of the account.';

create policy view_team on crm.{{ m.name }} for select to cloison_reader
  using (
    access.has('{{ m.governing }}', 'view', 'team')
    and (team_key = any ((select access.policy_team_keys())::uuid[]) or owner_id = (select access.policy_user_id()))
  );
comment on policy view_team on crm.{{ m.name }} is 'Scope team: rows of teams reached downward (T4), rows open to all teams, and one''s own.';

create policy view_owned on crm.{{ m.name }} for select to cloison_reader
  using (access.has('{{ m.governing }}', 'view', 'owned') and owner_id = (select access.policy_user_id()));
comment on policy view_owned on crm.{{ m.name }} is 'Scope owned: rows that the caller owns (O1).';

create policy view_created on crm.{{ m.name }} for select to cloison_reader
  using (access.has('{{ m.governing }}', 'view', 'created') and {{ m.creator }} = (select access.policy_user_id()));
comment on policy view_created on crm.{{ m.name }} is 'Scope created: rows that the caller created (O1).';

create policy view_unassigned on crm.{{ m.name }} for select to cloison_reader
  using (access.has('{{ m.governing }}', 'view', 'unassigned') and owner_id is null);
comment on policy view_unassigned on crm.{{ m.name }} is 'Scope unassigned: rows that nobody owns (O7).';

create policy view_shared on crm.{{ m.name }} for select to cloison_reader
  using (
    access.has('{{ m.governing }}', 'view', 'shared')
    and (
      {%- for shared, column in m.share_keys %}
      {{ 'or ' if not loop.first }}{{ column }} = any ((select access.shared_rows('{{ shared }}', 'view'))::uuid[])
      {%- endfor %}
    )
  );
comment on policy view_shared on crm.{{ m.name }} is
  'Scope shared: single rows that are shared with the caller or with a team that he reaches (O8), and what belongs to them.';
