-- Concern: tables are what the module registry says: columns, types, nullability, defaults, choices and bounds, twins for
-- search, collation "C" (whose comparisons an index serves under row-level security); and the wall asks for each column's
-- action.
-- A violation: the gateway answers or refuses by a description that the database does not share; or a column is changed
-- without the action that it needs.
-- To mend: a revision for the table, or the registry's entry in schema/modules/.
with described (relation, attribute, type, required, standard, choices, minimum, maximum, longest, action) as (
  values
  {% for m in registry.modules -%}
  {% for column in m.columns -%}
  ('crm.{{ m.name }}', '{{ column.name }}', '{{ column.type }}', {{ column.required | lower }},
   {{ "'" ~ column.default ~ "'" if column.default is not none else 'null' }},
   array[{% for choice in column.choices %}'{{ choice }}'{{ ', ' if not loop.last }}{% endfor %}]::text[],
   {{ column.minimum if column.minimum is not none else 'null' }}::bigint,
   {{ column.maximum if column.maximum is not none else 'null' }}::bigint,
   {{ column.max_length if column.max_length is not none else 'null' }}::bigint, '{{ m.needed(column.action) }}'),
  {% endfor -%}
  {% for column in m.sensitive -%}
  ('{{ m.sensitive_table }}', '{{ column.name }}', '{{ column.type }}', {{ column.required | lower }}, null, '{}'::text[],
   {{ column.minimum if column.minimum is not none else 'null' }},
   {{ column.maximum if column.maximum is not none else 'null' }},
   {{ column.max_length if column.max_length is not none else 'null' }}, null),
  {% endfor -%}
  {% endfor -%}
  (null, null, null, null, null, null, null, null, null, null)
),
-- What every module has.
common (relation, attribute, type, required) as (
  values
  {% for m in registry.modules -%}
  {% for name, type, required in [
    ('account_id', 'uuid', true), ('id', 'uuid', true), ('created_by', 'uuid', true), ('created_at', 'timestamptz', true),
    ('updated_at', 'timestamptz', true), ('version', 'integer', true)
  ] + ([('owner_id', 'uuid', false), ('assigned_at', 'timestamptz', true)] if m.own_columns else [])
    + ([(m.creator, 'uuid', true)] if m.creator != 'created_by' else [])
    + ([('team_id', 'uuid', false), ('open_to_all', 'boolean', true), ('team_key', 'uuid', true)] if m.reach == 'record' else [])
    + ([('team_ids', 'uuid[]', true), ('restricted', 'boolean', true)] if m.reach == 'asset' else []) -%}
  ('crm.{{ m.name }}', '{{ name }}', '{{ type }}', {{ required | lower }}),
  {% endfor -%}
  {% if m.sensitive -%}
  ('{{ m.sensitive_table }}', 'account_id', 'uuid', true),
  ('{{ m.sensitive_table }}', 'id', 'uuid', true),
  {% endif -%}
  {% endfor -%}
  (null, null, null, null)
),
twin (relation, attribute, original) as (
  values
  {% for m in registry.modules -%}
  {% for column in m.columns if column.searchable and not column.lowercase -%}
  ('crm.{{ m.name }}', '{{ column.name }}_lower', '{{ column.name }}'),
  {% endfor -%}
  {% endfor -%}
  (null, null, null)
),
expected as (
  select d.relation, d.attribute, d.type, d.required from described d where d.relation is not null
  union all
  select c.relation, c.attribute, c.type, c.required from common c where c.relation is not null
  union all
  select t.relation, t.attribute, 'text', null from twin t where t.relation is not null
),
found as (
  select a.attrelid::regclass::text as relation, a.attname::text as attribute, a.attrelid, a.attnum, a.atttypid, a.attnotnull,
         a.attgenerated, a.attcollation, pg_get_expr(d.adbin, d.adrelid) as expression,
         (
           select string_agg(pg_get_constraintdef(k.oid), ' ') from pg_catalog.pg_constraint k
            where k.conrelid = a.attrelid and k.contype = 'c' and a.attnum = any (k.conkey) and k.convalidated
         ) as checks
    from pg_catalog.pg_attribute a
    left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
   where a.attrelid in (select e.relation::regclass from expected e) and a.attnum > 0 and not a.attisdropped
)
select format('%s.%s: is in the registry, and not in the database', e.relation, e.attribute) as violation
  from expected e left join found f on f.relation = e.relation and f.attribute = e.attribute
 where f.attnum is null
union all
select format('%s.%s: is in the database, and not in the registry', f.relation, f.attribute)
  from found f left join expected e on e.relation = f.relation and e.attribute = f.attribute
 where e.attribute is null
union all
select format('%s.%s: is %s, and should be %s', f.relation, f.attribute, f.atttypid::regtype, e.type)
  from found f join expected e on e.relation = f.relation and e.attribute = f.attribute
 where f.atttypid <> e.type::regtype
union all
select format('%s.%s: %s', f.relation, f.attribute, case when e.required then 'may be null' else 'may not be null' end)
  from found f join expected e on e.relation = f.relation and e.attribute = f.attribute
 where f.attnotnull <> e.required
union all
select format('%s.%s: its collation is not "C"', f.relation, f.attribute)
  from found f
 where f.atttypid = 'text'::regtype and f.attcollation <> 'pg_catalog."C"'::regcollation
union all
select format('%s.%s: is not the lower-case twin of %s', t.relation, t.attribute, t.original)
  from twin t join found f on f.relation = t.relation and f.attribute = t.attribute
 where f.attgenerated <> 's' or f.expression <> format('lower((%s COLLATE "default"))', t.original)
union all
select format('%s.%s: its default is %s, and should be %s', d.relation, d.attribute, f.expression, d.standard)
  from described d join found f on f.relation = d.relation and f.attribute = d.attribute
 where f.expression is distinct from quote_literal(d.standard) || '::text'
union all
select format('%s.%s: has a default, so that nobody can tell what was named', f.relation, f.attribute)
  from found f
 where f.attribute in ('restricted', 'team_ids') and f.expression is not null
union all
select format('%s.%s: its choices are not those of the registry', d.relation, d.attribute)
  from described d join found f on f.relation = d.relation and f.attribute = d.attribute
 where array(select distinct c[1] from regexp_matches(f.checks, '''([^'']*)''::text', 'g') c order by 1)
       is distinct from array(select c from unnest(d.choices) c order by 1)
union all
select format('%s.%s: its bounds are not those of the registry', d.relation, d.attribute)
  from described d join found f on f.relation = d.relation and f.attribute = d.attribute
 where (d.longest is not null and coalesce(f.checks !~ format('char_length\(%s\) <= %s\)', d.attribute, d.longest), true))
    or (d.minimum is not null and coalesce(f.checks !~ format('%s >= %s\)', d.attribute, d.minimum), true))
    or (d.maximum is not null and coalesce(f.checks !~ format('%s <= %s\)', d.attribute, d.maximum), true))
union all
select format('%s.%s: the action wall does not ask for %s', d.relation, d.attribute, d.action)
  from described d
  join pg_catalog.pg_proc w
    on w.oid = to_regprocedure('access_private.wall_' || split_part(d.relation, '.', 2) || '()')
 where d.action is not null
   and w.prosrc !~ (
     'new\.' || d.attribute || ' is distinct from old\.' || d.attribute || '[^;]*?\)\s+and[^;]*reach\(''[a-z_]+'', '''
     || d.action || '''\)[^;]*is not true then\s+perform access\.forbid'
   )
 order by 1;
