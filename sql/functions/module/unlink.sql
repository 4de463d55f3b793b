-- Concern: before a row of {{ m.name }} goes, what refers to it lets go of it, seen or unseen by whoever deletes, who is
-- not told how many. Nothing cascades between tables of crm: the engine does it, so no member's policy or wall is asked.

create or replace function access_private.unlink_{{ m.name }}() returns trigger
  language plpgsql volatile security definer set search_path = ''
as $$
begin
  {% for other in registry.modules -%}
  {% for link in other.to_one if link.target == m.name -%}
  update crm.{{ other.name }} t set {{ link.column }} = null
   where t.account_id = old.account_id and t.{{ link.column }} = old.id;
  {% endfor -%}
  {% for link in other.to_many -%}
  {% if other.name == m.name -%}
  delete from crm.{{ link.through }} t where t.account_id = old.account_id and t.{{ link.column }} = old.id;
  {% elif link.target == m.name -%}
  delete from crm.{{ link.through }} t where t.account_id = old.account_id and t.{{ link.target_column }} = old.id;
  {% endif -%}
  {% endfor -%}
  {% endfor -%}
  {% if m.sensitive -%}
  delete from {{ m.sensitive_table }} t where t.account_id = old.account_id and t.id = old.id;
  {% endif -%}
  return old;
end $$;
comment on function access_private.unlink_{{ m.name }}() is 'Before delete: unlinks what refers to the row.';
