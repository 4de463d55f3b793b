-- Concern: sensitive columns of rows that this import has brought, into the module's companion.
-- $1 account, $2 mapping, $3 rank, $4 and $5 first and last line.
insert into {{ block.module.sensitive_table }} (id{% for column in block.sensitive %}, {{ column.name }}{% endfor %})
select s.id{% for column in block.sensitive %}, s.c_{{ column.name }}{% endfor %}
  from pg_temp.{{ block.table }} as s
  join access.import_key as k
    on k.account_id = $1 and k.source = $2 and k.module = '{{ block.module.name }}' and k.key = s.key and k.row_id = s.id
 where s.rank = $3 and s.n between $4 and $5
   and num_nonnulls({% for column in block.sensitive %}s.c_{{ column.name }}{{ ', ' if not loop.last }}{% endfor %}) > 0
returning 1
