-- Concern: pairs of rows that this import has brought with rows that their lines name.
-- $1 account, $2 mapping, $3 rank, $4 and $5 first and last line.
insert into crm.{{ relation.through }} ({{ relation.column }}, {{ relation.target_column }})
select s.id, r.row_id
  from pg_temp.{{ block.table }} as s
  join access.import_key as k
    on k.account_id = $1 and k.source = $2 and k.module = '{{ block.module.name }}' and k.key = s.key and k.row_id = s.id
 cross join lateral unnest(s.l_{{ relation.name }}) as l (key)
  join access.import_key as r
    on r.account_id = $1 and r.source = $2 and r.module = '{{ relation.target }}' and r.key = l.key
 where s.rank = $3 and s.n between $4 and $5
returning 1
