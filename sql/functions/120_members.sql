-- Concern: members: added, deactivated, given a role, made super admin (T2, T7, T9, C6).

create or replace function access_private.require_super_admin(account uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if not exists (
    select from access.membership m
     where m.account_id = account and m.super_admin and m.status = 'active' and m.valid @> clock_timestamp()
  ) then
    perform access.conflict('an account keeps at least one active super admin');
  end if;
end $$;
comment on function access_private.require_super_admin(uuid) is 'U0409 where no active super admin is left (T9).';

create or replace function access_private.change_membership(
  account uuid, member uuid, new_status text, new_role uuid, new_super_admin boolean
) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz := clock_timestamp();
  old access.membership;
begin
  select * into old from access.membership m
   where m.account_id = account and m.user_id = member and m.valid @> present;
  if not found then
    perform access.not_found('users');
  end if;
  if old.status = coalesce(new_status, old.status) and old.role_id = coalesce(new_role, old.role_id)
     and old.super_admin = coalesce(new_super_admin, old.super_admin) then
    return;
  end if;
  update access.membership m set valid = tstzrange(lower(m.valid), present)
   where m.account_id = account and m.user_id = member and m.valid @> present;
  insert into access.membership (account_id, user_id, status, role_id, super_admin, valid)
  values (
    account, member, coalesce(new_status, old.status), coalesce(new_role, old.role_id),
    coalesce(new_super_admin, old.super_admin), tstzrange(present, null)
  );
  perform access_private.require_super_admin(account);
end $$;
comment on function access_private.change_membership(uuid, uuid, text, uuid, boolean) is
  'Ends the present row of a membership and begins the next; null leaves a value as it is.';

-- Everything that the teams of a new member are bound by, and how the role is, but for what comes of them, which the triggers see.
create or replace function access_private.admit(
  account uuid, member uuid, name text, role uuid, main_team uuid, teams uuid[] default '{}'
) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  team uuid;
  present timestamptz;
begin
  perform access_private.authorize(account, 'users');
  perform access_private.require_role_to_give(account, role);
  foreach team in array main_team || teams loop
    if team is not null then
      perform access_private.require_team(account, team);
      perform access_private.bound_cells(access_private.cells_of_team(account, team));
    end if;
  end loop;
  if exists (
    select from access.membership m
     where m.account_id = account and m.user_id = member and m.valid @> clock_timestamp()
  ) then
    perform access.conflict('the user is a member already');
  end if;
  insert into access.member (account_id, user_id, name) values (account, member, admit.name)
    on conflict on constraint member_pkey do update set name = excluded.name, erased_at = null;
  -- Whatever there still is of an earlier time, or was put there in between, is nothing that he is given now.
  present := clock_timestamp();
  update access.team_member t set valid = tstzrange(lower(t.valid), greatest(present, lower(t.valid)))
   where t.account_id = account and t.user_id = member and (upper_inf(t.valid) or upper(t.valid) > present);
  update access.exception e set valid = tstzrange(lower(e.valid), greatest(present, lower(e.valid)))
   where e.account_id = account and e.user_id = member and (upper_inf(e.valid) or upper(e.valid) > present);
  insert into access.team_member (account_id, user_id, team_id, is_main)
    select account, member, t.id, t.id is not distinct from main_team
      from (select unnest(main_team || teams) as id) t
     where t.id is not null group by t.id
    on conflict do nothing;
  perform access_private.give_role(account, array[member], role);
end $$;
comment on function access_private.admit(uuid, uuid, text, uuid, uuid, uuid[]) is
  'Makes a user a member, with a role, of it what the administering member holds (G1), a main team and extra ones (T2, C6).';

create or replace function access.add_member(
  account uuid, email text, name text, role uuid, main_team uuid default null
) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  member uuid;
begin
  perform access_private.authorize(account, 'users');
  member := access_private.user_for(email);
  perform access_private.admit(
    account, member, access_private.display_name(add_member.name, add_member.email), role, main_team
  );
  return member;
end $$;
comment on function access.add_member(uuid, text, text, uuid, uuid) is
  'Makes the user with this e-mail a member, with a role, of it what the administering member holds (G1), and a main team; the user''s id (T2).';

create or replace function access.change_role(account uuid, member uuid, role uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.authorize(account, 'users');
  perform access_private.require_member(account, member);
  perform access_private.require_role_to_give(account, role);
  perform access_private.bound_self(member);
  perform access_private.give_role(account, array[member], role);
end $$;
comment on function access.change_role(uuid, uuid, uuid) is
  'Gives a member a role, of it what the administering member holds; what he does not hold he does not take (C6, G1).';

create or replace function access.set_status(account uuid, member uuid, status text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.authorize(account, 'users');
  perform access_private.require_member(account, member);
  if status is null or status not in ('active', 'deactivated') then
    perform access.bad_input('status', 'a member is active or deactivated');
  end if;
  perform access_private.bound_member(account, member);
  if session_user = 'cloison_gateway' and exists (
    select from access.membership m
     where m.account_id = account and m.user_id = member and m.super_admin and m.valid @> clock_timestamp()
  ) then
    perform access_private.require_super_admin_actor(account);
  end if;
  perform access_private.change_membership(account, member, set_status.status, null, null);
end $$;
comment on function access.set_status(uuid, uuid, text) is 'Deactivates or reactivates a member; what he owns stays his (T10).';

create or replace function access_private.require_super_admin_actor(account uuid) returns void
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if session_user = 'cloison_gateway' and not exists (
    select from access.membership m
     where m.account_id = account and m.user_id = access.user_id() and m.super_admin
       and m.status = 'active' and m.valid @> clock_timestamp()
  ) then
    perform access.forbid('users', 'configure');
  end if;
end $$;
comment on function access_private.require_super_admin_actor(uuid) is
  'U0403 unless an operator or a super admin administers: the flag is handed on by those who have it (C6).';

create or replace function access.set_super_admin(account uuid, member uuid, flag boolean) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.authorize(account, 'users');
  perform access_private.require_member(account, member);
  perform access_private.require_super_admin_actor(account);
  perform access_private.change_membership(account, member, null, null, flag);
end $$;
comment on function access.set_super_admin(uuid, uuid, boolean) is 'Turns the super admin flag of a member on or off (T7, T9).';

create or replace function access_private.keep_super_admin() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.require_super_admin(coalesce(new.account_id, old.account_id));
  return null;
end $$;
comment on function access_private.keep_super_admin() is 'At the end of a transaction that changed memberships: T9.';
