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

-- Invoker: the row is looked for under the caller's own policies. A branch for each module, so that a session plans only
-- those of which it meets rows.
create or replace function access.sees_row(module_name text, row_id uuid) returns boolean
  language plpgsql stable parallel safe
as $$
begin
  {% for m in registry.modules -%}
  if module_name = '{{ m.name }}' then
    return exists (select from crm.{{ m.name }} t where t.account_id = access.account_id() and t.id = sees_row.row_id);
  end if;
  {% endfor -%}
  return false;
end $$;
comment on function access.sees_row(text, uuid) is 'Whether the caller sees this row of a module.';

-- Ids of people and teams stay in rows for SQL (docs/decisions/0005); an answer in GraphQL leaves out whom one may not know, and
-- calls the others as it does elsewhere. Deleted teams are known to who may view teams.
create or replace function access.known_state(state jsonb) returns jsonb
  language plpgsql stable parallel safe
as $$
declare
  key text;
begin
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
comment on function access.known_state(jsonb) is
  'What was or is, without people and teams that the caller may not know; ids as in GraphQL, with their types.';

-- Invoker: teams are looked for under the caller's own policies, deleted ones too.
create or replace function access.knows_team(team uuid) returns boolean
  language sql stable parallel safe
  begin atomic
    select exists (select from access.team t where t.account_id = access.account_id() and t.id = team);
  end;
comment on function access.knows_team(uuid) is 'Whether the caller may know a team, or might if it were not deleted.';
