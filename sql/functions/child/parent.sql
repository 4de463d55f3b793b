-- Concern: a new row of {{ m.name }} has the owner and the team of its parent. The parent is first looked up under the caller's
-- policies, since who waits for a lock on a hidden row learns that there is one; then held until the end of the
-- transaction, so that whoever hands it over meanwhile waits and hands this row over too.

create or replace function access_private.parent_seen_{{ m.name }}() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  if current_user = 'cloison_engine' then
    return new;
  end if;
  if num_nonnulls({% for column in m.parent_columns %}new.{{ column }}{{ ', ' if not loop.last }}{% endfor %}) <> 1 then
    perform access.bad_input('{{ m.parent_columns[0] }}', 'the row belongs to exactly one: {{ m.parent_columns | join(', ') }}');
  end if;
  {% for link in m.parents -%}
  if new.{{ link.column }} is not null and not exists (
    select from crm.{{ link.target }} t where t.account_id = new.account_id and t.id = new.{{ link.column }}
  ) then
    perform access.not_found('{{ link.target }}', '{{ link.column }}');
  end if;
  {% endfor -%}
  return new;
end $$;
comment on function access_private.parent_seen_{{ m.name }}() is 'Before insert: exactly one parent, which the caller sees, else U0404.';

create or replace function access_private.parent_taken_{{ m.name }}() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  {% for link in m.parents -%}
  if new.{{ link.column }} is not null then
    select {% if m.creator != 'created_by' %}t.created_by, {% endif %}t.owner_id, t.team_id, t.open_to_all
      into {% if m.creator != 'created_by' %}new.{{ m.creator }}, {% endif %}new.owner_id, new.team_id, new.open_to_all
      from crm.{{ link.target }} t where t.account_id = new.account_id and t.id = new.{{ link.column }}
       for no key update;
  end if;
  {% endfor -%}
  return new;
end $$;
comment on function access_private.parent_taken_{{ m.name }}() is 'Before insert: owner and team of the parent, which is held.';
