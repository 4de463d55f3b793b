-- Concern: pairs of {{ m.name }} with other modules are seen where both ends are, and made and ended by who may update the
-- {{ m.singular }} (the wall asks).
{% for link in m.to_many %}
create policy account_partition on crm.{{ link.through }} as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on crm.{{ link.through }} is 'Pairs of other accounts do not exist for the caller.';

create policy engine on crm.{{ link.through }} for all to cloison_engine using (true) with check (true);
comment on policy engine on crm.{{ link.through }} is 'The engine''s functions check for themselves.';

create policy view_pair on crm.{{ link.through }} for select to cloison_reader
  using (
    exists (select from crm.{{ m.name }} t where t.account_id = {{ link.through }}.account_id and t.id = {{ link.column }})
    and exists (
      select from crm.{{ link.target }} t where t.account_id = {{ link.through }}.account_id and t.id = {{ link.target_column }}
    )
  );
comment on policy view_pair on crm.{{ link.through }} is 'Pairs of which the caller sees both ends.';

create policy create_pair on crm.{{ link.through }} for insert to cloison_member
  with check (
    exists (select from crm.{{ m.name }} t where t.account_id = {{ link.through }}.account_id and t.id = {{ link.column }})
  );
comment on policy create_pair on crm.{{ link.through }} is 'Pairs of a {{ m.singular }} that the caller sees; the wall asks for update.';

create policy delete_pair on crm.{{ link.through }} for delete to cloison_member
  using (
    exists (select from crm.{{ m.name }} t where t.account_id = {{ link.through }}.account_id and t.id = {{ link.column }})
    and exists (
      select from crm.{{ link.target }} t where t.account_id = {{ link.through }}.account_id and t.id = {{ link.target_column }}
    )
  );
comment on policy delete_pair on crm.{{ link.through }} is
  'Pairs of which the caller sees both ends, also where a DELETE has no condition; the wall asks for update.';
{% endfor %}
