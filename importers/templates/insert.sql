-- Concern: staged rows become rows, as the member and under the member's policies. The ledger goes first: what it has
-- already, from an import before or beside this one, is left alone.
-- $1 account, $2 mapping, $3 rank, $4 and $5 first and last row (as numbered while staging), $6 open to all teams.
{% from 'macros.sql' import resolved, missing %}
with staged as materialized (
  select s.n, s.id, s.key, p.id as owner_id,
         case when not $6::boolean then coalesce(g.id, p.main_team) end as team_id
{%- for column in block.columns %},
         {{ column | value(block) }} as c_{{ column.name }}
{%- endfor %}
    from {{ resolved(block) }}
   where s.rank = $3 and s.n between $4 and $5
     and (s.owner is null or p.id is not null)
{%- for relation in block.references %}
     and (s.c_{{ relation.column }} is null or r{{ loop.index }}.id is not null)
{%- endfor %}
{%- for relation, _ in block.links %}
     and not exists (
       select from {{ missing(relation) }}
     )
{%- endfor %}
), claimed as (
  insert into access.import_key (account_id, source, module, key, row_id)
  select $1::uuid, $2::text, '{{ block.module.name }}', s.key, s.id from staged as s
  on conflict (account_id, source, module, key) do nothing
  returning row_id
), landed as (
  insert into {{ block.module.table }} (
    id, owner_id, team_id, open_to_all
{%- for column in block.columns %}, {{ column.name }}{% endfor %}
  )
  select s.id, s.owner_id, s.team_id, $6::boolean
{%- for column in block.columns %}, s.c_{{ column.name }}{% endfor %}
    from staged as s
    join claimed as c on c.row_id = s.id
   order by s.n
  returning 1
)
select (select count(*) from staged) as eligible, (select count(*) from landed) as inserted
