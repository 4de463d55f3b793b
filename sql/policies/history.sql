-- Concern: who sees the history of access (docs/decisions/0019-history-of-access.md): who may change it sees how it was
-- changed. Nobody has a policy to change or delete it but for what is erased, and to write it has the engine alone.
create policy account_partition on access.access_log as restrictive for all to cloison_reader
  using (account_id = (select access.account_of(access.planned_profile())))
  with check (account_id = (select access.account_of(access.planned_profile())));
comment on policy account_partition on access.access_log is 'The history of other accounts does not exist for the caller.';

create policy engine_reads on access.access_log for select to cloison_engine using (true);
comment on policy engine_reads on access.access_log is 'What writes looks at what it has written.';

create policy engine_writes on access.access_log for insert to cloison_engine with check (true);
comment on policy engine_writes on access.access_log is 'Triggers of the facts write; there is no policy to delete.';

create policy engine_erases on access.access_log for update to cloison_engine using (true)
  with check (reason is null or reason like '%[erased]%');
comment on policy engine_erases on access.access_log is 'An erasure removes a reason, or addresses in it; a trigger sees to it that nothing else is changed.';

create policy view_kinds on access.access_log for select to cloison_reader
  using (kind not in ('assignment', 'share', 'restoration', 'purge') and kind = any ((select access.kinds_of_history())::text[]));
comment on policy view_kinds on access.access_log is 'Kinds of changes that are the caller''s to make (sql/functions/160_history_shown.sql).';

-- The last is asked row by row, where not all of a module is seen anyway.
create policy view_assignments on access.access_log for select to cloison_reader
  using (
    kind in ('assignment', 'share', 'restoration', 'purge') and 'assignment' = any ((select access.kinds_of_history())::text[])
    and (
      case module
        {%- for m in registry.modules %}
        when '{{ m.name }}' then access.has('{{ m.governing }}', 'view', 'all')
        {%- endfor %}
        else false
      end
      or access.sees_row(module, row_id)
    )
  );
comment on policy view_assignments on access.access_log is
  'Who views settings: of rows that he sees, and of rows that are gone where he sees all of the module.';
