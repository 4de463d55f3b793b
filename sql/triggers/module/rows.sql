-- Concern: the triggers of {{ m.name }}, in the order of their names: stamp, references, and the wall last.
{% if m.kind == 'record' -%}
create trigger a_stamp_inserted before insert on crm.{{ m.name }}
  for each row when (new.team_id is null and not new.open_to_all and new.owner_id is not null)
  execute function access_private.stamp_{{ m.name }}();
{% elif 'publish' in m.action_names -%}
create trigger a_stamp_inserted before insert on crm.{{ m.name }}
  for each row when (new.status = 'published') execute function access_private.stamp_{{ m.name }}();
{% endif -%}
create trigger a_stamp_updated before update on crm.{{ m.name }}
  for each row execute function access_private.stamp_{{ m.name }}();
{% if m.to_one -%}
create trigger b_references before update on crm.{{ m.name }}
  for each row when (
    {%- for link in m.to_one %}{% if not loop.first %}
    or{% endif %} new.{{ link.column }} is distinct from old.{{ link.column }}{% endfor -%}
  ) execute function access_private.references_{{ m.name }}();
{% endif -%}
create trigger b_references_inserted after insert on crm.{{ m.name }}
  referencing new table as inserted for each statement
  execute function access_private.references_inserted_{{ m.name }}();
{% set referring = registry.modules | map(attribute='to_one') | sum(start=()) | selectattr('target', 'equalto', m.name) | list -%}
{% set paired = registry.modules | map(attribute='to_many') | sum(start=()) | selectattr('target', 'equalto', m.name) | list -%}
{% if referring or paired or m.to_many or m.sensitive -%}
create trigger unlink_deleted after delete on crm.{{ m.name }}
  referencing old table as deleted for each statement
  execute function access_private.unlink_{{ m.name }}();
{% endif -%}
create trigger z_action_wall before update or delete on crm.{{ m.name }}
  for each row execute function access_private.wall_{{ m.name }}();
create trigger z_action_wall_inserted after insert on crm.{{ m.name }}
  referencing new table as inserted for each statement
  execute function access_private.wall_inserted_{{ m.name }}();
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
