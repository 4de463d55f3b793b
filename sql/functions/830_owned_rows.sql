-- Concern: how much a member owns (T10), as far as the caller sees it.

-- Rows are counted under the caller's own policies: an analyst's are those of the window's owner, since he has no table. A
-- branch for each module, so that a session plans those alone of which it may see rows.
{% for name, rights in (('owned_rows', 'invoker'), ('analyst_owned_rows', 'definer')) -%}
create or replace function access.{{ name }}(member uuid) returns table (module text, count bigint)
  language plpgsql stable parallel safe security {{ rights }} set search_path = pg_catalog, pg_temp
as $$
begin
  {% if name == 'owned_rows' -%}
  if access.is_analyst() then
    return query select o.module, o.count from access.analyst_owned_rows(member) o;
    return;
  end if;
  {% endif -%}
  {% for m in registry.modules if m.kind in ('record', 'asset') -%}
  if access.reach('{{ m.name }}', 'view') <> 0 then
    return query
      select '{{ m.name }}', count(*) from crm.{{ m.name }} t
       where t.account_id = access.account_id() and t.owner_id = member
      having count(*) > 0;
  end if;
  {% endfor -%}
end $$;
{% endfor -%}
comment on function access.analyst_owned_rows(uuid) is 'access.owned_rows for an analyst.';
comment on function access.owned_rows(uuid) is
  'How many rows a member owns, by module, as far as you see them; modules without any are left out.';
