-- Concern: lines that name an owner or a row that is not there, or not for this member.
-- $1 account, $2 mapping, $3 rank.
{% from 'macros.sql' import resolved, missing %}
select s.n, s.line, v.field, v.name
  from {{ resolved(block) }}
 cross join lateral (
     select 'owner', case when p.id is null then s.owner end
{%- for relation in block.references %}
     union all
     select '{{ relation.column }}', case when r{{ loop.index }}.row_id is null then s.c_{{ relation.column }} end
{%- endfor %}
{%- for relation, _ in block.links %}
     union all
     select '{{ relation.name }}', l.key from {{ missing(relation) }}
{%- endfor %}
 ) as v (field, name)
 -- The first two comparisons give the parameters their types where nothing is referred to.
 where $1::uuid is not null and $2::text is not null and s.rank = $3 and v.name is not null
 order by s.n
