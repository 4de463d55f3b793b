{#- The staged rows of a block with what their names stand for: owner, team and references. -#}
{% macro resolved(block) -%}
pg_temp.{{ block.table }} as s
    left join pg_temp.import_people as p on p.email = s.owner
    left join pg_temp.import_teams as g on g.key = s.team
{%- for relation in block.references %}
    left join pg_temp.import_keys_of_{{ relation.target }} as r{{ loop.index }}
      on r{{ loop.index }}.key = s.c_{{ relation.column }}
{%- endfor %}
{%- endmacro %}
{#- Keys that a staged row wants to be linked with and that no row has. -#}
{% macro missing(relation) -%}
unnest(s.l_{{ relation.name }}) as l (key)
      where not exists (select from pg_temp.import_keys_of_{{ relation.target }} as k where k.key = l.key)
{%- endmacro %}
{#- Whether the row of a line is of this import; $1 account, $2 mapping. `offset 0`: asked by key, for each line. -#}
{% macro brought(block) -%}
exists (
     select from access.import_key as k
      where k.account_id = $1::uuid and k.source = $2::text and k.module = '{{ block.module.name }}'
        and k.key = s.key and k.row_id = s.id
     offset 0
   )
{%- endmacro %}
