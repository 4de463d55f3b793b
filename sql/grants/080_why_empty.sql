-- Concern: who asks why a module is empty for somebody: members, bound inside by `view` on users.
grant execute on function
  access.rights_to_view(uuid, text), access.walls_of_rights(uuid, text), access.number_of_rows(bigint),
  access.why_empty(uuid, text){% for m in registry.modules %},
  access.seen_of_{{ m.name }}(uuid, integer, uuid[]){% endfor %}
  to cloison_member;
