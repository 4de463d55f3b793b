-- Concern: who sees what was sent, as it was: whoever may view the row, and whoever sent it, for as long as anybody asks.
create policy account_partition on access.outbox_content as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.outbox_content is 'What other accounts sent does not exist for the caller.';

-- Under the caller's own policies, on the row as on the outbox.
create policy seen_rows on access.outbox_content for select to cloison_reader
  using (
    {% for m in registry.modules if m.sends_to -%}
    {{ 'or ' if not loop.first }}module = '{{ m.name }}' and exists (
      select from {{ m.table }} t where t.account_id = outbox_content.account_id and t.id = outbox_content.row_id
    )
    {% endfor -%}
    or exists (
      select from access.outbox o
       where o.account_id = outbox_content.account_id and o.module = outbox_content.module and o.row_id = outbox_content.row_id
    )
  );
comment on policy seen_rows on access.outbox_content is
  'Of rows that the caller sees, and of those that he sent himself, whatever became of them.';
