-- Concern: the rows of one module that lines name by key. Each key is looked up in the ledger once: `offset 0` says so to the
-- planner, who knows nothing of keys and would compare every line with every one of them.
-- $1 account, $2 mapping, $3 rank.
insert into pg_temp.import_keys_of_{{ target }} (key, id)
select named.key, known.row_id
  from (
    select distinct l.key
      from pg_temp.{{ block.table }} as s
     cross join lateral unnest(array[
       {%- for relation in block.references if relation.target == target %}s.c_{{ relation.column }}, {% endfor -%}
       null]
       {%- for relation, _ in block.links if relation.target == target %} || s.l_{{ relation.name }}{% endfor -%}
     ) as l (key)
     where s.rank = $3 and l.key is not null
  ) as named
 cross join lateral (
   select k.row_id from access.import_key as k
    where k.account_id = $1::uuid and k.source = $2::text and k.module = '{{ target }}' and k.key = named.key
   offset 0
 ) as known
on conflict (key) do nothing
