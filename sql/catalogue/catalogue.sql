-- Concern: what can be held, from the module registry, and what built-in roles hold. Data, so that roles can refer to it.
insert into access.module (name, kind, tier, hub) values
  {% for m in registry.modules -%}
  ('{{ m.name }}', '{{ m.kind }}', '{{ m.tier }}', {% if m.hub %}'{{ m.hub }}'{% else %}null{% endif %}){{ ',' if not loop.last }}
  {% endfor -%}
on conflict (name) do update set kind = excluded.kind, tier = excluded.tier, hub = excluded.hub;

-- Who has what depends on the account's kind too (sql/functions/059_kinds.sql), and profiles with it:
{% for tool in registry.tools if tool.kinds -%}
-- {{ tool.name }}: {{ tool.kinds | join(', ') }}.
{% endfor -%}
insert into access.capability (module, action, on_rows) values
  {% for module, action, on_rows in registry.catalogue() -%}
  ('{{ module }}', '{{ action }}', {{ on_rows | lower }}){{ ',' if not loop.last }}
  {% endfor -%}
on conflict (module, action) do update set on_rows = excluded.on_rows;

delete from access.builtin_role_cell c where c.role is not null;
insert into access.builtin_role_cell (role, module, action, scope) values
  {% for role, cells in builtin_roles.items() -%}
  {% set last_role = loop.last -%}
  {% for module, action, scope in cells -%}
  ('{{ role }}', '{{ module }}', '{{ action }}', '{{ scope if registry.on_rows(module, action) else 'all' }}'){{ ',' if not (loop.last and last_role) }}
  {% endfor -%}
  {% endfor -%}
on conflict (role, module, action, scope) do nothing;

-- Accounts that are older than a built-in role get it too; where they have a role of that name, with a word that tells the two.
insert into access.role (account_id, name, builtin)
  select a.id, b.role || (case when taken.id is null then '' else ' (built-in)' end), b.role
    from access.account a
   cross join (select distinct c.role from access.builtin_role_cell c) b
    left join access.role taken on taken.account_id = a.id and taken.name = b.role and taken.deleted_at is null
   where not exists (select from access.role r where r.account_id = a.id and r.builtin = b.role)
on conflict (account_id, name) where deleted_at is null do nothing;
