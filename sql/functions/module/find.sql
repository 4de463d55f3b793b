-- Concern: substring search. LIKE is not leakproof, so under row-level security no index serves it: candidates are found
-- here, past the policies but inside the account, and the statement that uses them checks each under the policies.
-- For the gateway's login alone, since candidates by themselves would tell of rows that the member may not see.
{% if m.searchable %}
create or replace function access.find_{{ m.name }}(column_name text, term text) returns setof uuid
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- What % _ and \ mean to LIKE, they do not mean here.
  pattern text := '%' || regexp_replace(term, '([\\%_])', '\\\1', 'g') || '%';
begin
  if session_user <> 'cloison_gateway' then
    raise exception using errcode = '42501', message = 'search through the gateway, or with LIKE';
  end if;
  case column_name
    {% for column in m.searchable -%}
    when '{{ column.name }}' then
      return query select t.id from crm.{{ m.name }} t
                    where t.account_id = access.account_id() and t.{{ column.name }} ilike pattern;
    {% endfor -%}
    else
      raise exception using errcode = '22023', message = 'no such column to search';
  end case;
end $$;
comment on function access.find_{{ m.name }}(text, text) is
  'Ids in the account whose column contains the term, in any case: candidates, to be checked under the policies.';
{% endif %}
