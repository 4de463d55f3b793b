-- Concern: which columns of {{ m.name }} members write. account_id, created_by, version and times are the database's alone;
-- owner and teams of an existing row change by access.assign_{{ m.name }} alone.
grant select on crm.{{ m.name }} to cloison_reader;
grant insert ({{ m.inserted | join(', ') }}) on crm.{{ m.name }} to cloison_member;
grant update ({{ m.updated | join(', ') }}) on crm.{{ m.name }} to cloison_member;
grant delete on crm.{{ m.name }} to cloison_member;
grant execute on function access.restore_{{ m.name }}(uuid), access.purge_{{ m.name }}(uuid) to cloison_member;
{% if m.searchable -%}
grant execute on function access.find_{{ m.name }}(text, text) to cloison_member;
{% endif -%}
{% if m.reach == 'record' -%}
grant execute on function access.page_of_{{ m.name }}(integer, timestamptz, uuid, timestamptz, uuid, boolean)
  to cloison_member;
{% endif -%}
{% if 'clone' in m.action_names -%}
grant execute on function access.clone_{{ m.name }}(uuid, uuid, text) to cloison_member;
{% endif -%}
{% if 'import' in m.action_names -%}
grant execute on function access.import_{{ m.name }}(text, jsonb, boolean) to cloison_member;
{% endif -%}
{% if m.kind in ('record', 'asset') -%}
grant execute on function access.share_{{ m.name }}(uuid, uuid, uuid, text[], text, timestamptz),
  access.unshare_{{ m.name }}(uuid, uuid, uuid) to cloison_member;
grant execute on function access.assign_{{ m.name }}(
  uuid, uuid, {% if m.kind == 'record' %}uuid{% else %}uuid[]{% endif %}, boolean
) to cloison_member;
{% endif %}
{% if m.sends_to -%}
grant select on {{ m.sent_view }} to cloison_reader;
{% endif -%}
{% if m.sensitive %}
grant select on {{ m.sensitive_table }} to cloison_reader;
grant insert (
  id, {% for column in m.sensitive %}{{ column.name }}{% if not loop.last %}, {% endif %}{% endfor %}
) on {{ m.sensitive_table }} to cloison_member;
grant update (
  {% for column in m.sensitive %}{{ column.name }}{% if not loop.last %}, {% endif %}{% endfor %}
) on {{ m.sensitive_table }} to cloison_member;
{% endif %}
{% for link in m.to_many %}
grant select on crm.{{ link.through }} to cloison_reader;
grant insert ({{ link.column }}, {{ link.target_column }}) on crm.{{ link.through }} to cloison_member;
grant delete on crm.{{ link.through }} to cloison_member;
{% endfor %}
