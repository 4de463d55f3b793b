-- Concern: to whom a row of {{ m.name }} belonged before (X5). The present is in the row itself; only what ends is written.
{% if m.own_columns %}
create or replace function access_private.keep_past_{{ m.name }}() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into access_private.past_assignment (
    account_id, module, row_id, owner_id, created_by, team_ids, open, valid
  ) values (
    old.account_id, '{{ m.name }}', old.id, old.owner_id, old.created_by,
    {% if m.reach == 'record' -%}
    array_remove(array[old.team_id], null), old.open_to_all,
    {% else -%}
    old.team_ids, not old.restricted,
    {% endif -%}
    tstzrange(old.assigned_at, greatest(clock_timestamp(), old.assigned_at))
  );
  perform access_private.note_row(
    old.account_id, '{{ m.name }}', old.id, array[old.owner_id, old.{{ m.creator }}],
    {% if m.reach == 'record' %}array[old.team_key]{% else %}old.team_ids{% endif %}
  );
  return null;
end $$;
comment on function access_private.keep_past_{{ m.name }}() is 'After a change of owner or team, or a delete: keeps what ended.';
{% endif %}
