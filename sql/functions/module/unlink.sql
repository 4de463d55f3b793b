-- Concern: when rows of {{ m.name }} go, what belonged to them goes too and what referred to them lets go, seen or unseen by whoever deletes, who is not told how
-- many. Nothing cascades between tables of crm: the engine does it, so no member's policy or wall is asked. After the
-- statement, since rows that refer to one another may go together; references are checked at the end of the transaction.
{% set referring = registry.modules | map(attribute='to_one') | sum(start=()) | selectattr('target', 'equalto', m.name) | list -%}
{% set paired = registry.modules | map(attribute='to_many') | sum(start=()) | selectattr('target', 'equalto', m.name) | list -%}
{% if referring or paired or m.to_many or m.sensitive %}
create or replace function access_private.unlink_{{ m.name }}() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  {% for other in registry.modules -%}
  {% for link in other.to_one if link.target == m.name -%}
  {% if link.parent -%}
  delete from crm.{{ other.name }} t using deleted d where t.account_id = d.account_id and t.{{ link.column }} = d.id;
  {% else -%}
  update crm.{{ other.name }} t set {{ link.column }} = null
    from deleted d where t.account_id = d.account_id and t.{{ link.column }} = d.id;
  {% endif -%}
  {% endfor -%}
  {% for link in other.to_many -%}
  {% if other.name == m.name -%}
  delete from crm.{{ link.through }} t using deleted d where t.account_id = d.account_id and t.{{ link.column }} = d.id;
  {% elif link.target == m.name -%}
  delete from crm.{{ link.through }} t using deleted d where t.account_id = d.account_id and t.{{ link.target_column }} = d.id;
  {% endif -%}
  {% endfor -%}
  {% endfor -%}
  {% if m.sensitive -%}
  delete from {{ m.sensitive_table }} t using deleted d where t.account_id = d.account_id and t.id = d.id;
  {% endif -%}
  return null;
end $$;
comment on function access_private.unlink_{{ m.name }}() is 'After delete: deletes what belonged to the rows, unlinks what referred to them.';
{% endif %}
