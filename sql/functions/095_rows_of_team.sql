-- Concern: what a team holds, over all modules (T3).

create or replace function access_private.rows_of_team(account uuid, team uuid) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select string_agg(held.rows || ' ' || held.module, ', ' order by held.module)
      from (
        {% for m in registry.modules if m.kind in ('record', 'asset') -%}
        select '{{ m.name }}' as module, count(*) as rows from crm.{{ m.name }} t
         where t.account_id = account and
         {%- if m.kind == 'record' %} t.team_id = team{% else %} team = any (t.team_ids){% endif %}
        {% if not loop.last %}union all
        {% endif %}
        {%- endfor %}
      ) held
     where held.rows > 0;
  end;
comment on function access_private.rows_of_team(uuid, uuid) is 'Rows assigned to a team, counted by module; null for none.';
