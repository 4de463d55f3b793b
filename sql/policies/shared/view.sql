-- Concern: who sees rows of {{ m.name }}, which are the whole account's: whoever holds view.
create policy view_all on crm.{{ m.name }} for select to cloison_reader
  using (access.has('{{ m.governing }}', 'view', 'all'));
comment on policy view_all on crm.{{ m.name }} is 'Every row of the account, for holders of view.';
