-- Concern: the history of access (X5): to whom a row of {{ m.name }} belongs. That it is made or deleted is no change of access,
-- and what belongs to another row has its owner and teams: of these the other row's history tells.
{% if m.kind in ('record', 'asset') %}
{%- macro state(row) -%}
jsonb_build_object({% for column in m.own_columns %}'{{ column }}', {{ row }}.{{ column }}{{ ', ' if not loop.last }}{% endfor %})
{%- endmacro %}
create or replace function access_private.log_assigned_{{ m.name }}() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into access.access_log (account_id, kind, module, row_id, before, after)
  values (new.account_id, 'assignment', '{{ m.name }}', new.id, {{ state('old') }}, {{ state('new') }});
  return null;
end $$;
comment on function access_private.log_assigned_{{ m.name }}() is 'After a change of owner or teams: what they were, and what they are.';
{% endif %}
