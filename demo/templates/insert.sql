-- Concern: rows of one module by one creator, as JSON, under that member's policies and triggers.
-- $1 an array of objects.
insert into {{ m.table }} (
  id, owner_id, {{ 'team_id, open_to_all' if m.kind == 'record' else 'team_ids, restricted' }}
{%- for column in columns %}, {{ column }}{% endfor %}
)
select r.id, r.owner_id, {{ 'r.team_id, r.open_to_all' if m.kind == 'record' else 'r.team_ids, r.restricted' }}
{%- for column in columns %}, r.{{ column }}{% endfor %}
  from json_populate_recordset(null::{{ m.table }}, $1::json) as r
returning 1
