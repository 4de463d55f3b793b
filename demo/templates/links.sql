-- Concern: pairs of rows that the same creator has just made with others.
-- $1 an array of objects.
insert into crm.{{ link.through }} ({{ link.column }}, {{ link.target_column }})
select r.{{ link.column }}, r.{{ link.target_column }}
  from json_populate_recordset(null::crm.{{ link.through }}, $1::json) as r
returning 1
