-- Tries statements one by one as whoever the session is, undoes each, and tells how each ended. Setting probe.todo: a JSON
-- array of {"key", "statement", "id"}; setting probe.done afterwards: {key: number of rows, or SQLSTATE}.
do $$
declare
  todo record;
  touched integer;
  done jsonb := '{}';
begin
  for todo in
    select * from jsonb_to_recordset(current_setting('probe.todo')::jsonb) as x (key text, statement text, id uuid)
  loop
    begin
      execute todo.statement using todo.id;
      get diagnostics touched = row_count;
      -- What waits for the commit is asked now.
      set constraints all immediate;
      raise exception using errcode = 'UNDO0', message = touched;
    exception
      when sqlstate 'UNDO0' then
        done := done || jsonb_build_object(todo.key, sqlerrm);
      when others then
        done := done || jsonb_build_object(todo.key, sqlstate);
    end;
  end loop;
  perform set_config('probe.done', done::text, true);
end $$;
