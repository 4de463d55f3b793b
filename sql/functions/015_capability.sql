{% macro changes() -%}
c.action in ({% for action, scoped in registry.changes if scoped %}'{{ action }}'{{ ', ' if not loop.last }}{% endfor %})
         -- What has no scope of its own is done to rows that one sees.
         or c.action = 'view' and exists (
           select from access_private.profile_capability held
            where held.profile = c.profile and held.module = c.module and held.action in (
              {% for action, scoped in registry.changes if not scoped %}'{{ action }}'{{ ', ' if not loop.last }}{% endfor %}
            )
         )
{%- endmacro -%}
-- Concern: what a profile holds. `has`, `has_on_any` and `has_change` for policies, `reach` for everything else.

-- Immutable is true per profile, because a profile's rows never change, and Postgres keeps plans of statements with
-- row-level security apart by role: so it folds to a constant while planning. Outside policies it would keep another
-- profile's answer; an audit sees to it that it is called nowhere else.
-- Definer: the capability rows are nobody's to read.
create or replace function access.has(module_name text, action_name text, scope_name text) returns boolean
  language plpgsql immutable parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select from access_private.profile_capability c
     where c.profile = access.profile() and c.module = module_name
       and c.action = action_name and c.scope = scope_name
  );
end $$;
comment on function access.has(text, text, text) is
  'For policies only: whether the session''s profile holds a capability with exactly this scope; a constant to the planner.';

-- As has(), with the same warrant. Which scope `create` is held with makes no difference to who makes rows.
create or replace function access.has_on_any(module_name text, action_name text) returns boolean
  language plpgsql immutable parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select from access_private.profile_capability c
     where c.profile = access.profile() and c.module = module_name and c.action = action_name
  );
end $$;
comment on function access.has_on_any(text, text) is
  'For policies only: whether the session''s profile holds an action on any scope; a constant to the planner.';

create or replace function access.has_change(module_name text, scope_name text) returns boolean
  language plpgsql immutable parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return exists (
    select from access_private.profile_capability c
     where c.profile = access.profile() and c.module = module_name and c.scope = scope_name
       and (
         {{ changes() }}
       )
  );
end $$;
comment on function access.has_change(text, text) is
  'For policies only: whether any action that is an UPDATE is held on exactly this scope; the action wall tells the actions apart.';

create or replace function access.scope_bit(scope_name text) returns integer
  language sql immutable parallel safe
  return case scope_name
    when 'all' then 1 when 'team' then 2 when 'owned' then 4 when 'created' then 8 when 'unassigned' then 16 when 'shared' then 32
    when 'unmasked' then 64 else 0
  end;
comment on function access.scope_bit(text) is 'The bit of a scope in a reach: all 1, team 2, owned 4, created 8, unassigned 16, shared 32 (of which rows, access.is_shared says), unmasked 64 (for view_sensitive: whatever view reaches).';

create or replace function access.reach(module_name text, action_name text) returns integer
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select coalesce(bit_or(access.scope_bit(c.scope)), 0)
      from access_private.profile_capability c
     where c.profile = access.profile() and c.module = module_name and c.action = action_name;
  end;
comment on function access.reach(text, text) is
  'The scopes on which the session''s profile holds an action, as a sum of bits; 0 where it does not.';

create or replace function access.sensitive_action(module_name text) returns text
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select case
             when exists (
               select from access_private.profile_capability c
                where c.profile = access.profile() and c.module = module_name
                  and c.action = 'view_sensitive' and c.scope = 'unmasked'
             ) then 'view'
             else 'view_sensitive'
           end;
  end;
comment on function access.sensitive_action(text) is
  'The action whose reach shows sensitive columns of a module: `view` in an account in which they are ordinary ones, else `view_sensitive` (C9).';

create or replace function access.reaches() returns jsonb
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select coalesce(jsonb_object_agg(r.capability, r.reach), '{}')
      from (
        select c.module || ':' || c.action as capability, bit_or(access.scope_bit(c.scope)) as reach
          from access_private.profile_capability c
         where c.profile = access.profile()
         group by c.module, c.action
      ) r;
  end;
comment on function access.reaches() is 'Every reach of the session''s profile, by "module:action".';

create or replace function access.modules_with(action_name text) returns text[]
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select array(
      select distinct c.module from access_private.profile_capability c
       where c.profile = access.profile() and c.action = action_name
    );
  end;
comment on function access.modules_with(text) is 'Modules for which the session''s profile holds an action.';

create or replace function access.reach_of_changes(module_name text) returns integer
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select coalesce(bit_or(access.scope_bit(c.scope)), 0)
      from access_private.profile_capability c
     where c.profile = access.profile() and c.module = module_name
       and (
         {{ changes() }}
       );
  end;
comment on function access.reach_of_changes(text) is
  'The scopes on which any action is held that is an UPDATE; the action wall tells the actions apart.';

-- Inlined by the planner: keep it one expression without a sub-select.
create or replace function access.record_within(
  mask integer, owner uuid, creator uuid, team_key uuid, me uuid, keys uuid[]
) returns boolean
  language sql immutable parallel safe
  return (
    (mask & 1) <> 0
    or ((mask & 2) <> 0 and (team_key = any (keys) or owner = me))
    or ((mask & 4) <> 0 and owner = me)
    or ((mask & 8) <> 0 and creator = me)
    or ((mask & 16) <> 0 and owner is null)
  ) is true;
comment on function access.record_within(integer, uuid, uuid, uuid, uuid, uuid[]) is
  'Whether scopes reach a CRM record with this owner, creator and team (O1, O4, O7, T4).';

create or replace function access.asset_within(
  mask integer, owner uuid, creator uuid, restricted boolean, team_ids uuid[], me uuid, keys uuid[]
) returns boolean
  language sql immutable parallel safe
  return (
    (mask & 1) <> 0
    or ((mask & 2) <> 0 and (not restricted or team_ids && keys or owner = me or creator = me))
    or ((mask & 4) <> 0 and owner = me)
    or ((mask & 8) <> 0 and creator = me)
    or ((mask & 16) <> 0 and owner is null and not restricted)
  ) is true;
comment on function access.asset_within(integer, uuid, uuid, boolean, uuid[], uuid, uuid[]) is
  'Whether scopes reach a content asset with this owner, creator, state and teams (O1, O3, O7, T4).';

create or replace function access.shared_within(mask integer, creator uuid, me uuid, keys uuid[]) returns boolean
  language sql immutable parallel safe
  return (mask <> 0) is true;
comment on function access.shared_within(integer, uuid, uuid, uuid[]) is
  'Whether an action is held, which for rows of the whole account is all that counts.';

create or replace function access.team_key(team uuid, open_to_all boolean) returns uuid
  language sql immutable parallel safe
  return case when open_to_all then '00000000-0000-0000-0000-000000000000'::uuid
              else coalesce(team, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) end;
comment on function access.team_key(uuid, boolean) is
  'The key by which team scope reaches a record: its team, all zeros where it is open to all teams, all ones where it has none.';
