-- Concern: pairs of rows that this import has brought with rows that their lines name.
-- $1 account, $2 mapping, $3 rank, $4 and $5 first and last line.
{% from 'macros.sql' import brought %}
insert into crm.{{ relation.through }} ({{ relation.column }}, {{ relation.target_column }})
select s.id, r.id
  from pg_temp.{{ block.table }} as s
 cross join lateral unnest(s.l_{{ relation.name }}) as l (key)
  join pg_temp.import_keys_of_{{ relation.target }} as r on r.key = l.key
 where s.rank = $3 and s.n between $4 and $5
   and {{ brought(block) }}
returning 1
