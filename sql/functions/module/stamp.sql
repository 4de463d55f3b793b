-- Concern: what the database alone sets on a row of {{ m.name }}: version, times, and the team that follows the owner (O4).

create or replace function access_private.stamp_{{ m.name }}() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  {% if m.kind == 'record' -%}
  if new.team_id is null and not new.open_to_all and new.owner_id is not null and tg_op = 'INSERT' then
    new.team_id := access.main_team_of(new.owner_id);
  end if;
  {% endif -%}
  {% if 'publish' in m.action_names -%}
  if new.status = 'published' and (tg_op = 'INSERT' or old.status <> 'published') then
    new.published_at := now();
  end if;
  {% endif -%}
  if tg_op = 'UPDATE' then
    new.version := old.version + 1;
    new.updated_at := now();
    {% if m.kind == 'record' -%}
    if (new.owner_id, new.team_id, new.open_to_all) is distinct from (old.owner_id, old.team_id, old.open_to_all) then
    {% else -%}
    if (new.owner_id, new.team_ids, new.restricted) is distinct from (old.owner_id, old.team_ids, old.restricted) then
    {% endif -%}
      new.assigned_at := clock_timestamp();
    end if;
  end if;
  return new;
end $$;
comment on function access_private.stamp_{{ m.name }}() is 'Before insert or update: version, times, default team.';
