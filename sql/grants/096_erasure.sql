-- Concern: who erases people: members, each bound inside by what the member holds; a user everywhere, operators alone.
grant execute on function
  access.erase_member(uuid, uuid, uuid){% for m in registry.modules if m.known_as %},
  access.erase_{{ m.name }}(uuid, uuid){% endfor %}
  to cloison_member;
