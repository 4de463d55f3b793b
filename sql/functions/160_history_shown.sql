-- Concern: the history of access (X5): what of it is shown.

-- Definer: what the member behind an analyst's login may administer is none of a reader's rights, and is asked here alone.
create or replace function access.kinds_of_history() returns text[]
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    with held as (
      select c.module, c.action from access_private.profile_capability c
       where c.profile = case
         when session_user = 'cloison_gateway' then access.profile()
         else (
           select s.profile from access_private.session_profile s
            where s.account_id = access.account_id() and s.user_id = access.user_id() and s.valid @> statement_timestamp()
         )
       end
    )
    select array(
      select k.kind
        from (
          values
          ('membership', 'users', 'configure'), ('exception', 'users', 'configure'), ('team_member', 'users', 'configure'),
          ('analyst_login', 'users', 'configure'), ('invitation', 'users', 'configure'),
          ('role', 'roles', 'configure'), ('role_cell', 'roles', 'configure'), ('team_role', 'roles', 'configure'),
          ('team', 'teams', 'configure'), ('team_edge', 'teams', 'configure'),
          ('account', 'settings', 'view'), ('tier', 'settings', 'view'), ('setting', 'settings', 'view'),
          ('assignment', 'settings', 'view'), ('share', 'settings', 'view'),
          ('restoration', 'settings', 'view'), ('purge', 'settings', 'view'),
          ('erasure', 'settings', 'view'), ('sensitivity', 'settings', 'view')
        ) k (kind, module, action)
       where exists (select from held h where h.module = k.module and h.action = k.action)
    );
  end;
comment on function access.kinds_of_history() is
  'Kinds of changes of access that the session may see: who may administer users, roles or teams sees how they were administered.';

-- The row is looked for under the caller's own policies: an analyst's are those of the window's owner, since he has no
-- table. A branch for each module, so that a session plans only those of which it meets rows.
{% for name, rights in (('sees_row', 'security invoker'), ('analyst_sees_row', 'security definer set search_path = pg_catalog, pg_temp')) -%}
create or replace function access.{{ name }}(module_name text, row_id uuid) returns boolean
  language plpgsql stable parallel safe {{ rights }}
as $$
begin
  {% if name == 'sees_row' -%}
  if access.is_analyst() then
    return access.analyst_sees_row(module_name, row_id);
  end if;
  {% endif -%}
  {% for m in registry.modules -%}
  if module_name = '{{ m.name }}' then
    return exists (select from crm.{{ m.name }} t where t.account_id = access.account_id() and t.id = {{ name }}.row_id);
  end if;
  {% endfor -%}
  return false;
end $$;
{% endfor -%}
comment on function access.sees_row(text, uuid) is 'Whether the caller sees this row of a module.';
comment on function access.analyst_sees_row(text, uuid) is 'access.sees_row for an analyst.';

-- Ids of people and teams stay in rows for SQL (docs/decisions/0005); an answer in GraphQL leaves out whom one may not know, and
-- calls the others as it does elsewhere. Deleted teams are known to who may view teams.
{% for name, rights in (('known_state', 'security invoker'), ('analyst_known_state', 'security definer set search_path = pg_catalog, pg_temp')) -%}
create or replace function access.{{ name }}(state jsonb) returns jsonb
  language plpgsql stable parallel safe {{ rights }}
as $$
declare
  key text;
begin
  {% if name == 'known_state' -%}
  if access.is_analyst() then
    return access.analyst_known_state(state);
  end if;
  {% endif -%}
  foreach key in array array['owner_id', 'invited_by'] loop
    if state ->> key is not null then
      state := case when access.knows_person((state ->> key)::uuid)
                    then jsonb_set(state, array[key], to_jsonb('Person:' || (state ->> key))) else state - key end;
    end if;
  end loop;
  foreach key in array array['team_id', 'parent_id', 'main_team_id'] loop
    if state ->> key is not null then
      state := case when access.knows_team((state ->> key)::uuid)
                    then jsonb_set(state, array[key], to_jsonb('Team:' || (state ->> key))) else state - key end;
    end if;
  end loop;
  if state ->> 'role_id' is not null then
    state := jsonb_set(state, '{role_id}', to_jsonb('Role:' || (state ->> 'role_id')));
  end if;
  if jsonb_typeof(state -> 'team_ids') = 'array' then
    state := jsonb_set(state, '{team_ids}', (
      select coalesce(jsonb_agg('Team:' || given.id order by given.place), '[]')
        from jsonb_array_elements_text(state -> 'team_ids') with ordinality as given (id, place)
       where access.knows_team(given.id::uuid)
    ));
  end if;
  return state;
end $$;
{% endfor -%}
comment on function access.known_state(jsonb) is
  'What was or is, without people and teams that the caller may not know; ids as in GraphQL, with their types.';
comment on function access.analyst_known_state(jsonb) is 'access.known_state for an analyst.';

-- Teams are looked for under the caller's own policies, deleted ones too.
{% for name, rights in (('knows_team', 'security invoker'), ('analyst_knows_team', 'security definer set search_path = pg_catalog, pg_temp')) -%}
create or replace function access.{{ name }}(team uuid) returns boolean
  language plpgsql stable parallel safe {{ rights }}
as $$
begin
  {% if name == 'knows_team' -%}
  if access.is_analyst() then
    return access.analyst_knows_team(team);
  end if;
  {% endif -%}
  return exists (select from access.team t where t.account_id = access.account_id() and t.id = team);
end $$;
{% endfor -%}
comment on function access.knows_team(uuid) is 'Whether the caller may know a team, or might if it were not deleted.';
comment on function access.analyst_knows_team(uuid) is 'access.knows_team for an analyst.';
