-- Concern: the planner keeps no statistics of what people wrote. They are made of all accounts' rows, and EXPLAIN shows
-- everybody the estimates that follow from them: a value that another account has would be told from one that nobody has.
-- A violation: a column of values, names or addresses of which ANALYZE keeps the most common ones.
-- To mend: `alter table ... alter column ... set statistics 0` in the revision that makes the column; `drop statistics`.
with written (relation, attribute) as (
  values
  {% for m in registry.modules -%}
  {% for column in m.columns if not column.choices and column.type not in ('uuid', 'boolean') -%}
  ('crm.{{ m.name }}', '{{ column.name }}'),
  {% if column.searchable and not column.lowercase -%}
  ('crm.{{ m.name }}', '{{ column.name }}_lower'),
  {% endif -%}
  {% endfor -%}
  {% for column in m.sensitive -%}
  ('{{ m.sensitive_table }}', '{{ column.name }}'),
  {% endfor -%}
  {% endfor -%}
  ('access.account', 'slug'), ('access.account', 'name'), ('access.app_user', 'email'), ('access.member', 'name'),
  ('access.team', 'name'), ('access.role', 'name'), ('access.import_key', 'source'), ('access.import_key', 'key'),
  ('access.share', 'reason'),
  ('access.invitation', 'email'), ('access.invitation', 'name'), ('access.invitation', 'reason'),
  ('access.trash', 'label'), ('access.trash', 'content'), ('access.trash', 'operator'), ('access.trash_sensitive', 'content'),
  ('access.access_log', 'operator'), ('access.access_log', 'before'), ('access.access_log', 'after'),
  ('access.access_log', 'reason'), ('access.access_log', 'request')
)
select format('%s.%s: statistics are kept of it', w.relation, w.attribute) as violation
  from written w
  join pg_catalog.pg_attribute a on a.attrelid = to_regclass(w.relation) and a.attname = w.attribute
 where coalesce(a.attstattarget, -1) <> 0
    or exists (select from pg_catalog.pg_statistic s where s.starelid = a.attrelid and s.staattnum = a.attnum)
union all
select format('statistics %s: are kept of %s', s.stxname, s.stxrelid::regclass)
  from pg_catalog.pg_statistic_ext s join pg_catalog.pg_class c on c.oid = s.stxrelid
 where c.relnamespace in ('crm'::regnamespace, 'access'::regnamespace)
 order by 1;
