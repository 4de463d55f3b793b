-- Concern: where the lines of one `[[rows]]` wait, private to the transaction. A reference is still the key that
-- the file names. `rank` tells how far below others of its module a row stands.

create temporary table {{ block.table }} (
  n integer primary key,
  line integer not null,
  id uuid not null,
  rank integer not null default 0,
  key text collate "C" not null,
  owner text collate "C",
  team text collate "C"
{%- for column in block.columns + block.sensitive %},
  c_{{ column.name }} {{ column | staged }}
{%- endfor %}
{%- for relation, _ in block.links %},
  l_{{ relation.name }} text[] collate "C" not null
{%- endfor %}
) on commit drop;

grant select on pg_temp.{{ block.table }} to cloison_member;
