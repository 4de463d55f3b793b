-- Concern: what belongs to a row of {{ m.name }} has its owner and team, and follows when the row is handed over. The engine does
-- it, since who hands the row over may not change, nor see, all that belongs to it.
{% set children = registry.children_of(m) -%}
{% if children %}
create or replace function access_private.hand_down_{{ m.name }}() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  {% for child, link in children -%}
  update crm.{{ child.name }} t set owner_id = new.owner_id, team_id = new.team_id, open_to_all = new.open_to_all
   where t.account_id = new.account_id and t.{{ link.column }} = new.id;
  {% endfor -%}
  return null;
end $$;
comment on function access_private.hand_down_{{ m.name }}() is 'After a change of owner or team: the same for what belongs to the row.';
{% endif %}
