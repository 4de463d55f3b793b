-- Concern: what accounts of a kind do not have (section 4, P1). Cells of it may be there, in roles that are cloned from built-in
-- ones or from a time when the account was of another kind: they are kept, and nobody holds what they say.

create or replace function access_private.absent_from(account uuid) returns text[]
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  its_kind text := (select a.kind from access.account a where a.id = account);
begin
  return array(
    select t.name
      from (
        values
        {% for tool in registry.tools if tool.kinds -%}
        ('{{ tool.name }}', array[{% for kind in tool.kinds %}'{{ kind }}'{{ ', ' if not loop.last }}{% endfor %}]),
        {% endfor -%}
        (null, null)
      ) t (name, kinds)
     where t.name is not null and (its_kind = any (t.kinds)) is not true
  );
end $$;
comment on function access_private.absent_from(uuid) is
  'Tools that accounts of this one''s kind do not have: nobody holds them there, and nobody is given them.';
