-- Concern: whose a row may be.

create or replace function access.main_team_of(member uuid) returns uuid
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select t.team_id from access.team_member t
     where t.account_id = access.account_id() and t.user_id = member and t.is_main
       and t.valid @> statement_timestamp();
  end;
comment on function access.main_team_of(uuid) is 'The main team of a member of the session''s account: where his rows start (O4, T5).';

create or replace function access.require_partition_tier(module_name text) returns void
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  needed text := access_private.missing_tier(module_name);
begin
  if needed is not null then
    perform access.forbid(
      module_name, 'assign', needed,
      (
        select coalesce(string_to_array(m.hub, ','), '{marketing,sales,service,cms,operations}')
          from access.module m where m.name = module_name
      )
    );
  end if;
end $$;
comment on function access.require_partition_tier(text) is
  'U0403 naming the tier and the hubs of which one suffices, where the account''s is too low to give rows of the module to teams (mission, section 4).';

create or replace function access_private.is_known_active(member uuid) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select access.knows_person(member) and exists (
      select from access.membership m
       where m.account_id = access.account_id() and m.user_id = member and m.status = 'active'
         and m.valid @> statement_timestamp()
    );
  end;
comment on function access_private.is_known_active(uuid) is 'Whether the session may know this member, and the member is active.';

create or replace function access_private.is_known_team(team uuid, mask integer) returns boolean
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select exists (
      select from access.team t
       where t.account_id = access.account_id() and t.id = team and t.deleted_at is null
         and ((mask & 1) <> 0 or t.id = any (access.team_keys()) or access.reach('teams', 'view') <> 0)
    );
  end;
comment on function access_private.is_known_team(uuid, integer) is
  'Whether the session may know this team of its account: it reaches it, may view teams, or the scopes cover all.';
