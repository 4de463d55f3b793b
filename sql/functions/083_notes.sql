-- Concern: what a change says of itself beside its answer, in words: what no row and no right of today shows, or what is lost by
-- it. A dry run answers it (X2); in SQL, whoever calls asks for it in the same transaction.

create or replace function access_private.note(code text, module text, number bigint, message text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform set_config('cloison.notes', (
    coalesce(nullif(current_setting('cloison.notes', true), '')::jsonb, '[]') || jsonb_build_array(jsonb_build_object(
      'code', code, 'module', module, 'count', number, 'message', message
    ))
  )::text, true);
end $$;
comment on function access_private.note(text, text, bigint, text) is
  'Notes a sentence about the change at hand, for whoever asks access.notes() in this transaction.';

create or replace function access.notes()
  returns table (place bigint, code text, module text, count bigint, message text)
  language sql stable parallel safe set search_path = pg_catalog, pg_temp
  begin atomic
    select row_number() over (), n.code, n.module, n.count, n.message
      from jsonb_to_recordset(coalesce(nullif(current_setting('cloison.notes', true), '')::jsonb, '[]'))
           n (code text, module text, count bigint, message text);
  end;
comment on function access.notes() is
  'What the changes of this transaction said of themselves: a code for programs, the module, a number, and a sentence.';
