-- Concern: sensitive columns of rows that the same creator has just made.
-- $1 an array of objects.
insert into {{ m.sensitive_table }} (id{% for column in m.sensitive %}, {{ column.name }}{% endfor %})
select r.id{% for column in m.sensitive %}, r.{{ column.name }}{% endfor %}
  from json_populate_recordset(null::{{ m.sensitive_table }}, $1::json) as r
returning 1
