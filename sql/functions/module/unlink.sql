-- Concern: when rows of {{ m.name }} go, what belonged to them goes too and what referred to them lets go, seen or unseen by whoever deletes, who is not told how
-- many. Nothing cascades between tables of crm: the engine does it, so no member's policy or wall is asked. After the
-- statement, since rows that refer to one another may go together; references are checked at the end of the transaction.
-- The trash keeps what was let go of, so that a row that is restored is referred to again.
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
  with let_go as (
    update crm.{{ other.name }} t set {{ link.column }} = null
      from deleted d where t.account_id = d.account_id and t.{{ link.column }} = d.id
    returning t.account_id, t.id, d.id as target_id
  )
  insert into access_private.trash_link (account_id, source, attribute, holder_id, target_id)
    select g.account_id, '{{ other.name }}', '{{ link.column }}', g.id, g.target_id from let_go g
        on conflict do nothing;
  {% endif -%}
  {% endfor -%}
  {% for link in other.to_many -%}
  {% for column in ([link.column] if other.name == m.name else []) + ([link.target_column] if link.target == m.name else []) -%}
  with parted as (
    delete from crm.{{ link.through }} t using deleted d where t.account_id = d.account_id and t.{{ column }} = d.id
    returning t.account_id, t.{{ link.column }} as holder_id, t.{{ link.target_column }} as target_id
  )
  insert into access_private.trash_link (account_id, source, attribute, holder_id, target_id)
    select p.account_id, '{{ link.through }}', '', p.holder_id, p.target_id from parted p
        on conflict do nothing;
  {% endfor -%}
  {% endfor -%}
  {% endfor -%}
  {% if m.sensitive -%}
  with gone as (
    delete from {{ m.sensitive_table }} t using deleted d where t.account_id = d.account_id and t.id = d.id
    returning t.*
  )
  insert into access.trash_sensitive (account_id, id, content)
    select g.account_id, e.id, to_jsonb(g) - '{account_id,id}'::text[]
      from gone g
      join access.trash e on e.account_id = g.account_id and e.row_id = g.id and e.module = '{{ m.name }}'
     where e.transaction_id = pg_current_xact_id() and e.deleted_at >= now()
        on conflict do nothing;
  {% endif -%}
  return null;
end $$;
comment on function access_private.unlink_{{ m.name }}() is 'After delete: deletes what belonged to the rows, unlinks what referred to them.';
{% endif %}
