-- Concern: the triggers of {{ m.name }}, in the order of their names: stamp, references, and the wall last. After a delete, what
-- goes to the trash comes before what is unlinked: this adds to the entries.
{% set stamped = (["new.team_id is null and not new.open_to_all and new.owner_id is not null"] if m.kind == 'record'
   else ["new.restricted is null or new.team_ids is null"] if m.kind == 'asset' else []) -%}
{% for column in m.columns if column.since -%}
{% set _ = stamped.append("new." ~ column.since[0] ~ " = '" ~ column.since[1] ~ "'") -%}
{% endfor -%}
{% if m.kind == 'child' -%}
create trigger a_parent_seen before insert on crm.{{ m.name }}
  for each row execute function access_private.parent_seen_{{ m.name }}();
create trigger a_parent_taken before insert on crm.{{ m.name }}
  for each row execute function access_private.parent_taken_{{ m.name }}();
{% endif -%}
{% if stamped -%}
create trigger a_stamp_inserted before insert on crm.{{ m.name }}
  for each row when ({{ stamped | join(' or ') }})
  execute function access_private.stamp_{{ m.name }}();
{% endif -%}
create trigger a_stamp_updated before update on crm.{{ m.name }}
  for each row execute function access_private.stamp_{{ m.name }}();
{% set movable = m.to_one | rejectattr('parent') | list -%}
{% if movable -%}
create trigger b_references before update on crm.{{ m.name }}
  for each row when (
    {%- for link in movable %}{% if not loop.first %}
    or{% endif %} new.{{ link.column }} is distinct from old.{{ link.column }}{% endfor -%}
  ) execute function access_private.references_{{ m.name }}();
{% endif -%}
{% if movable or m.kind in ('record', 'asset') or m.to_one and m.kind == 'shared' -%}
create trigger b_references_inserted after insert on crm.{{ m.name }}
  referencing new table as inserted for each statement
  execute function access_private.references_inserted_{{ m.name }}();
{% endif -%}
{% set referring = registry.modules | map(attribute='to_one') | sum(start=()) | selectattr('target', 'equalto', m.name) | list -%}
{% set paired = registry.modules | map(attribute='to_many') | sum(start=()) | selectattr('target', 'equalto', m.name) | list -%}
{% if referring or paired or m.to_many or m.sensitive -%}
create trigger unlink_deleted after delete on crm.{{ m.name }}
  referencing old table as deleted for each statement
  execute function access_private.unlink_{{ m.name }}();
{% endif -%}
create trigger trash_deleted after delete on crm.{{ m.name }}
  referencing old table as deleted for each statement
  execute function access_private.trash_{{ m.name }}();
{% if m.kind in ('record', 'asset') -%}
create trigger a_lock_before_delete before delete on crm.{{ m.name }}
  for each statement execute function access_private.lock_before_delete('{{ m.name }}');
create trigger shares_deleted after delete on crm.{{ m.name }}
  referencing old table as deleted for each statement
  execute function access_private.shares_of_row_end('{{ m.name }}');
{% endif -%}
create trigger z_action_wall before update or delete on crm.{{ m.name }}
  for each row execute function access_private.wall_{{ m.name }}();
create trigger z_action_wall_inserted after insert on crm.{{ m.name }}
  referencing new table as inserted for each statement
  execute function access_private.wall_inserted_{{ m.name }}();
{% if registry.children_of(m) -%}
create trigger hand_down after update on crm.{{ m.name }}
  for each row when (({{ m.own_of('old') }}) is distinct from ({{ m.own_of('new') }}))
  execute function access_private.hand_down_{{ m.name }}();
{% endif -%}
{% if m.own_columns -%}
create trigger past_updated after update on crm.{{ m.name }}
  for each row when (({{ m.own_of('old') }}) is distinct from ({{ m.own_of('new') }}))
  execute function access_private.keep_past_{{ m.name }}();
create trigger past_deleted after delete on crm.{{ m.name }}
  for each row execute function access_private.keep_past_{{ m.name }}();
{% endif -%}
{% if m.sends_to -%}
{% set gone = m.destination.state ~ " = '" ~ m.gone ~ "'" -%}
create trigger outbox_inserted after insert on crm.{{ m.name }}
  for each row when (new.{{ gone }} and new.{{ m.destination.column }} is not null)
  execute function access_private.outbox_{{ m.name }}();
create trigger outbox_updated after update on crm.{{ m.name }}
  for each row when (new.{{ gone }} and (old.{{ gone }}) is not true)
  execute function access_private.outbox_{{ m.name }}();
{% endif -%}
{% for link in m.to_many %}
create trigger z_action_wall before insert or update or delete on crm.{{ link.through }}
  for each row execute function access_private.wall_{{ link.through }}();
{% endfor %}
