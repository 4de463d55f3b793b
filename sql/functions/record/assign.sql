{% import 'rules/assign.jinja' as rules -%}
-- Concern: handing over a row of {{ m.name }} (O4, O5). The select policy applies to the new row of an UPDATE, so a member could
-- not give away what he will then not see: the engine does it, after the same checks, and says whether he still sees it.
{% if m.kind == 'record' %}
create or replace function access.assign_{{ m.name }}(
  row_id uuid, new_owner uuid, new_team uuid default null, new_open boolean default null
) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  mask integer := access.reach('{{ m.name }}', 'assign');
  view integer := access.reach('{{ m.name }}', 'view');
  old crm.{{ m.name }};
  team uuid;
  is_open boolean;
begin
  -- What is hidden is not locked: who waits for a lock learns that there is something.
  select * into old from crm.{{ m.name }} t
   where t.account_id = access.account_id() and t.id = row_id
     and (
       {{ rules.seen(m, 't') }}
       or access.is_shared('{{ m.name }}', 'view', '{{ m.name }}', t.id)
     )
     for update;
  if not found then
    perform access.not_found('{{ m.name }}');
  end if;
  if not {{ rules.assignable(m, 'old') }} then
    perform access.forbid('{{ m.name }}', 'assign');
  end if;
  if new_owner is distinct from old.owner_id and new_owner is not null
     and not access_private.is_known_active(new_owner) then
    perform access.not_found('users', 'owner_id');
  end if;
  if new_team is not null and not access_private.is_known_team(new_team, mask) then
    perform access.not_found('teams', 'team_id');
  end if;
  team := {{ rules.team_after('old', 'new_owner', 'access.main_team_of(new_owner)') }};
  is_open := {{ rules.open_after('old') }};
  if not {{ rules.record_may_go('old', 'new_owner', 'team', 'is_open') }} then
    perform access.forbid('{{ m.name }}', 'assign');
  end if;
  update crm.{{ m.name }} t set owner_id = new_owner, team_id = team, open_to_all = is_open
   where t.account_id = old.account_id and t.id = old.id;
  return access.record_within(view, new_owner, old.created_by, access.team_key(team, is_open), me, keys)
    or access.is_shared('{{ m.name }}', 'view', '{{ m.name }}', old.id);
end $$;
comment on function access.assign_{{ m.name }}(uuid, uuid, uuid, boolean) is
  'Gives a row to an owner (null: nobody) and to a team (null: the owner''s), or opens it to all teams; whether the caller still sees it.';
{% endif %}
