-- Concern: who takes rows out to files: members, by what their profiles hold.
grant execute on function
  access.require_export(text, boolean){% for m in registry.modules if 'export' in m.action_names %},
  access.exported_{{ m.name }}(){% endfor %}
  to cloison_member;
