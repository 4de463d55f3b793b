-- Concern: what the database alone sets on a row of {{ m.name }}: version, times, and the team that follows the owner (O4).

create or replace function access_private.stamp_{{ m.name }}() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
{% if m.kind == 'asset' -%}
declare
  starts uuid[];
{% endif -%}
begin
  -- What comes back from the trash is as it was; the engine makes no other rows.
  if tg_op = 'INSERT' and current_user = 'cloison_engine' then
    return new;
  end if;
  {% if m.kind == 'record' -%}
  if new.team_id is null and not new.open_to_all and new.owner_id is not null and tg_op = 'INSERT' then
    new.team_id := access.main_team_of(new.owner_id);
  end if;
  {% endif -%}
  {% if m.kind == 'asset' -%}
  -- What nobody has named: open, and to no team, unless the account restricts new content (O3).
  if tg_op = 'INSERT' and (new.restricted is null or new.team_ids is null) then
    starts := access.teams_of_new_content('{{ m.name }}');
    new.restricted := coalesce(new.restricted, starts is not null);
    new.team_ids := coalesce(new.team_ids, case when new.restricted then starts end, '{}');
  end if;
  {% endif -%}
  {% for column in m.columns if column.since -%}
  if new.{{ column.since[0] }} = '{{ column.since[1] }}' and (tg_op = 'INSERT' or old.{{ column.since[0] }} <> '{{ column.since[1] }}') then
    new.{{ column.name }} := now();
  end if;
  {% endfor -%}
  if tg_op = 'UPDATE' then
    {% if m.narrower -%}
    -- Where it was says nothing of where it goes when it is turned on again.
    if new.{{ m.destination.state }} <> '{{ m.gone }}' then
      new.{{ m.destination.column }} := null;
    end if;
    {% endif -%}
    new.version := old.version + 1;
    new.updated_at := now();
    {% if m.own_columns -%}
    if ({{ m.own_of('new') }}) is distinct from ({{ m.own_of('old') }}) then
      new.assigned_at := clock_timestamp();
    end if;
    {% endif -%}
  end if;
  return new;
end $$;
comment on function access_private.stamp_{{ m.name }}() is 'Before insert or update: version, times, where the row starts.';
