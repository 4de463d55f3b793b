-- Concern: assignments of rows of {{ m.name }} are written into the history of access. What changes neither owner nor teams is not
-- even queued.
{% if m.kind in ('record', 'asset') -%}
create trigger log_assigned after update on crm.{{ m.name }}
  for each row when (({{ m.own_of('old') }}) is distinct from ({{ m.own_of('new') }}))
  execute function access_private.log_assigned_{{ m.name }}();
{% endif -%}
