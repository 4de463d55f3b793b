-- Concern: what can be held, from the module registry, and what built-in roles hold. Data, so that roles can refer to it.
insert into access.module (name, kind, tier, hub) values
  {% for m in registry.modules -%}
  ('{{ m.name }}', '{{ m.kind }}', '{{ m.tier }}', {% if m.hub %}'{{ m.hub }}'{% else %}null{% endif %}){{ ',' if not loop.last }}
  {% endfor -%}
on conflict (name) do update set kind = excluded.kind, tier = excluded.tier, hub = excluded.hub;

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
