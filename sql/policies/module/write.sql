-- Concern: which rows of {{ m.name }} a member may write at all; the action wall says by which action. Few rows are written, so
-- these ask the stable form with the row's columns. USING and WITH CHECK are alike: an update never moves a row to where
-- the member may not put it. Every command has its own, since a DELETE without WHERE is not limited by select policies.
create policy create_row on crm.{{ m.name }} for insert to cloison_member
  with check (created_by = (select access.user_id()) and (select access.reach('{{ m.name }}', 'create')) <> 0);
comment on policy create_row on crm.{{ m.name }} is 'Who holds create makes rows, as their creator.';

create policy change_row on crm.{{ m.name }} for update to cloison_member
  using (access.{{ m.kind }}_within(
    (select access.reach_of_changes('{{ m.name }}')), owner_id, created_by,
    {% if m.kind == 'record' %}team_key{% else %}restricted, team_ids{% endif %},
    (select access.user_id()), (select access.team_keys())
  ))
  with check (access.{{ m.kind }}_within(
    (select access.reach_of_changes('{{ m.name }}')), owner_id, created_by,
    {% if m.kind == 'record' %}team_key{% else %}restricted, team_ids{% endif %},
    (select access.user_id()), (select access.team_keys())
  ));
comment on policy change_row on crm.{{ m.name }} is 'Rows within the reach of any action that is an UPDATE.';

create policy delete_row on crm.{{ m.name }} for delete to cloison_member
  using (access.{{ m.kind }}_within(
    (select access.reach('{{ m.name }}', 'delete')), owner_id, created_by,
    {% if m.kind == 'record' %}team_key{% else %}restricted, team_ids{% endif %},
    (select access.user_id()), (select access.team_keys())
  ));
comment on policy delete_row on crm.{{ m.name }} is 'Rows within the reach of delete.';
