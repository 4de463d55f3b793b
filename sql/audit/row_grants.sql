-- Concern: which columns of rows members write. Readers read; members insert and update the columns of the registry, and of a
-- new row its id, owner and teams. What the database sets (account, creator, version, times) nobody writes but the engine,
-- and owner and teams of an existing row change by access.assign_* alone.
-- A violation: a member forges a creator or a version, or moves a row past the action wall; TRUNCATE and TRIGGER are past
-- all policies.
-- To mend: `cloison migrate` takes back what it did not give.
with writable (relation, privilege, attribute) as (
  values
  {% for m in registry.modules -%}
  {% for name in m.inserted -%}
  ('crm.{{ m.name }}'::regclass, 'INSERT', '{{ name }}'),
  {% endfor -%}
  {% for name in m.updated -%}
  ('crm.{{ m.name }}'::regclass, 'UPDATE', '{{ name }}'),
  {% endfor -%}
  ('crm.{{ m.name }}'::regclass, 'DELETE', null),
  {% if m.sensitive -%}
  ('{{ m.sensitive_table }}'::regclass, 'INSERT', 'id'),
  {% for column in m.sensitive -%}
  ('{{ m.sensitive_table }}'::regclass, 'INSERT', '{{ column.name }}'),
  ('{{ m.sensitive_table }}'::regclass, 'UPDATE', '{{ column.name }}'),
  {% endfor -%}
  {% endif -%}
  {% for link in m.to_many -%}
  ('crm.{{ link.through }}'::regclass, 'INSERT', '{{ link.column }}'),
  ('crm.{{ link.through }}'::regclass, 'INSERT', '{{ link.target_column }}'),
  ('crm.{{ link.through }}'::regclass, 'DELETE', null),
  {% endfor -%}
  {% endfor -%}
  ('crm.trash'::regclass, 'SELECT', null),
  (null, null, null)
),
granted as (
  select c.oid, null::name as attname, g.grantee, g.privilege_type, g.is_grantable
    from pg_catalog.pg_class c, aclexplode(c.relacl) g
   where c.relnamespace = 'crm'::regnamespace and g.grantee <> c.relowner
  union
  select c.oid, a.attname, g.grantee, g.privilege_type, g.is_grantable
    from pg_catalog.pg_class c join pg_catalog.pg_attribute a on a.attrelid = c.oid and not a.attisdropped, aclexplode(a.attacl) g
   where c.relnamespace = 'crm'::regnamespace and g.grantee <> c.relowner
)
select format(
         '%s: %s may %s%s', g.oid::regclass,
         case when g.grantee = 0 then 'everybody' else g.grantee::regrole::text end, lower(g.privilege_type), ' ' || g.attname
       ) as violation
  from granted g
 where g.is_grantable or g.grantee = 0
    or case g.grantee::regrole::text
         when 'cloison_engine' then g.privilege_type not in ('SELECT', 'INSERT', 'UPDATE', 'DELETE')
         when 'cloison_reader' then g.privilege_type <> 'SELECT'
         when 'cloison_member' then not exists (
           select from writable w
            where w.relation = g.oid and w.privilege = g.privilege_type and w.attribute is not distinct from g.attname
         )
         else true
       end
 order by 1;
