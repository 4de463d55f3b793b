-- Concern: lines that name an owner or a row that is not there, or not for this member.
-- $1 rank.
{% from 'macros.sql' import resolved, missing %}
select s.n, s.line, v.field, v.name
  from {{ resolved(block) }}
 cross join lateral (
     select 'owner', case when p.id is null then s.owner end
{%- for relation in block.references %}
     union all
     select '{{ relation.column }}', case when r{{ loop.index }}.id is null then s.c_{{ relation.column }} end
{%- endfor %}
{%- for relation, _ in block.links %}
     union all
     select '{{ relation.name }}', l.key from {{ missing(relation) }}
{%- endfor %}
 ) as v (field, name)
 where s.rank = $1 and v.name is not null
 order by s.n
