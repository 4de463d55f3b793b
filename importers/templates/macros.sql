{#- The staged rows of a block with what their names stand for: owner, team and references. $1 account, $2 mapping. -#}
{% macro resolved(block) -%}
pg_temp.{{ block.table }} as s
    left join pg_temp.import_people as p on p.email = s.owner
    left join pg_temp.import_teams as g on g.key = s.team
{%- for relation in block.references %}
    left join access.import_key as r{{ loop.index }}
      on r{{ loop.index }}.account_id = $1::uuid and r{{ loop.index }}.source = $2::text
     and r{{ loop.index }}.module = '{{ relation.target }}' and r{{ loop.index }}.key = s.c_{{ relation.column }}
{%- endfor %}
{%- endmacro %}
{#- Keys that a staged row wants to be linked with and that no row has. -#}
{% macro missing(relation) -%}
unnest(s.l_{{ relation.name }}) as l (key)
      where not exists (
        select from access.import_key as k
         where k.account_id = $1::uuid and k.source = $2::text
           and k.module = '{{ relation.target }}' and k.key = l.key
      )
{%- endmacro %}
