-- Concern: sensitive columns of rows that this import has brought, into the module's companion.
-- $1 account, $2 mapping, $3 rank, $4 and $5 first and last line.
{% from 'macros.sql' import brought %}
insert into {{ block.module.sensitive_table }} (id{% for column in block.sensitive %}, {{ column.name }}{% endfor %})
select s.id{% for column in block.sensitive %}, s.c_{{ column.name }}{% endfor %}
  from pg_temp.{{ block.table }} as s
 where s.rank = $3 and s.n between $4 and $5
   and num_nonnulls({% for column in block.sensitive %}s.c_{{ column.name }}{{ ', ' if not loop.last }}{% endfor %}) > 0
   and {{ brought(block) }}
returning 1
