-- Concern: the triggers of {{ m.name }}, in the order of their names: stamp, references, unlink, and the wall last.
create trigger a_stamp before insert or update on crm.{{ m.name }}
  for each row execute function access_private.stamp_{{ m.name }}();
create trigger b_references before insert or update on crm.{{ m.name }}
  for each row execute function access_private.references_{{ m.name }}();
create trigger y_unlink before delete on crm.{{ m.name }}
  for each row execute function access_private.unlink_{{ m.name }}();
create trigger z_action_wall before insert or update or delete on crm.{{ m.name }}
  for each row execute function access_private.wall_{{ m.name }}();
create trigger past_updated after update on crm.{{ m.name }}
  for each row when (
    {% if m.kind == 'record' -%}
    (old.owner_id, old.team_id, old.open_to_all) is distinct from (new.owner_id, new.team_id, new.open_to_all)
    {% else -%}
    (old.owner_id, old.team_ids, old.restricted) is distinct from (new.owner_id, new.team_ids, new.restricted)
    {% endif -%}
  ) execute function access_private.keep_past_{{ m.name }}();
create trigger past_deleted after delete on crm.{{ m.name }}
  for each row execute function access_private.keep_past_{{ m.name }}();
{% for link in m.to_many %}
create trigger z_action_wall before insert or update or delete on crm.{{ link.through }}
  for each row execute function access_private.wall_{{ link.through }}();
{% endfor %}
