-- Concern: shares given, replaced and ended (O8). What depends on the module's columns is in sql/functions/module/share.sql.

-- The account is locked before rows: here, by whoever empties a team or removes a member, and by whoever deletes what may be
-- shared. In another order two of them could wait for each other.
create or replace function access_private.lock_for_share(shared_module text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.lock_account(access.account_id());
  -- The wait may have been long: is he still who he was?
  if not exists (
    select from access_private.session_profile s
     where s.account_id = access.account_id() and s.user_id = access.user_id() and s.profile = access.profile()
       and s.valid @> clock_timestamp()
       and s.team_keys || 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid @> access.team_keys()
  ) then
    perform access.forbid(shared_module, 'assign');
  end if;
end $$;
comment on function access_private.lock_for_share(text) is
  'Takes the account''s lock for a change of shares; U0403 where the member lost rights meanwhile.';

create or replace function access_private.actions_to_share(shared_module text, actions text[]) returns text[]
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
declare
  unknown text;
begin
  if coalesce(cardinality(actions), 0) = 0 then
    perform access.bad_input('actions', 'name an action at least');
  end if;
  select coalesce(a, 'null') into unknown from unnest(actions) as a
   where a is null or a = 'assign' or not exists (
     select from access.capability k where k.module = shared_module and k.action = a and k.on_rows
   )
   limit 1;
  if unknown is not null then
    perform access.bad_input('actions', format('rows of %s are not shared for %s', shared_module, unknown));
  end if;
  return array(
    select a from unnest(actions || 'view'::text) as a
    union
    select p.part
      from (
        values {% for part in registry.parts %}('{{ part[0] }}', '{{ part[1] }}', '{{ part[2] }}'){{ ', ' if not loop.last }}{% endfor %}
      ) p (module, action, part)
     where p.module = shared_module and p.action = any (actions)
     order by 1
  );
end $$;
comment on function access_private.actions_to_share(text, text[]) is
  'The actions of a share in order, with view (C2) and what is part of them (C3); U0400 for one that is not done to rows, and for assign: whom a row is for is said by roles.';

create or replace function access_private.receiver_of_share(
  shared_module text, receiver_user uuid, receiver_team uuid, mask integer
) returns uuid
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if num_nonnulls(receiver_user, receiver_team) <> 1 then
    perform access.bad_input('user_id', 'a share is with a user or with a team');
  end if;
  if receiver_user = access.user_id() then
    perform access.bad_input('user_id', 'a share is with somebody else');
  end if;
  if receiver_user is not null and not access_private.is_known_active(receiver_user) then
    perform access.not_found('users', 'user_id');
  end if;
  if receiver_team is not null then
    if not access_private.is_known_team(receiver_team, mask) then
      perform access.not_found('teams', 'team_id');
    end if;
    perform access.require_partition_tier(shared_module);
  end if;
  return coalesce(receiver_user, receiver_team);
end $$;
comment on function access_private.receiver_of_share(text, uuid, uuid, integer) is
  'With whom a row is shared: an active member or a team whom the session may know, else U0404; for teams, the tier is asked for.';

create or replace function access_private.present_share(shared_module text, shared_row uuid, receiver uuid)
  returns access.share
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select s from access.share s
     where s.account_id = access.account_id() and s.module = shared_module and s.row_id = shared_row
       and s.receiver_id = receiver and s.valid @> clock_timestamp();
  end;
comment on function access_private.present_share(text, uuid, uuid) is 'The share of a row with a receiver now; null for none.';

create or replace function access_private.end_share(ending access.share) returns void
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    update access.share s set valid = tstzrange(lower(s.valid), greatest(clock_timestamp(), lower(s.valid))),
           ended_by = access_private.actor()
     where s.account_id = ending.account_id and s.id = ending.id and s.valid @> clock_timestamp();
  end;
comment on function access_private.end_share(access.share) is 'Ends a share now.';

create or replace function access.manages_shares(shared_module text, shared_row uuid) returns boolean
  language plpgsql stable parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
declare
  mask integer := access.reach(shared_module, 'assign');
begin
  if mask = 0 then
    return false;
  end if;
  case shared_module
    {% for m in registry.modules if m.kind in ('record', 'asset') -%}
    when '{{ m.name }}' then
      return exists (
        select from crm.{{ m.name }} t
         where t.account_id = access.account_id() and t.id = shared_row
           and access.{{ m.reach }}_within(mask, {{ m.reach_of('t') }}, access.user_id(), access.team_keys())
      );
    {% endfor -%}
    else
      return false;
  end case;
end $$;
comment on function access.manages_shares(text, uuid) is
  'Whether the session may assign a row, and so knows with whom it is shared.';

create or replace function access_private.knows_share(known access.share) returns boolean
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select session_user <> 'cloison_gateway' or known.given_by = access.user_id() or known.user_id = access.user_id()
           or known.team_id = any (access.team_keys()) or access.manages_shares(known.module, known.row_id);
  end;
comment on function access_private.knows_share(access.share) is
  'Whether who administers may know of a share that is in force: who gave it, who has it, and who may assign the row; an operator of any.';

create or replace function access_private.lock_before_delete() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('transaction_isolation') = 'read committed' and exists (
    select from access.share s
     where s.account_id = access.account_id() and s.module = tg_argv[0] and s.valid @> clock_timestamp()
  ) then
    perform access_private.lock_account(access.account_id());
  end if;
  return null;
end $$;
comment on function access_private.lock_before_delete() is
  'Before delete: where rows of the module are shared, waits for the turn to end shares, before it holds any row.';

-- What is gone is shared with nobody, and nobody who comes back finds what he had been given before.

create or replace function access_private.shares_of_row_end() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid;
begin
  for account in
    select distinct s.account_id from access.share s join deleted d on d.account_id = s.account_id and d.id = s.row_id
     where s.module = tg_argv[0] and s.valid @> clock_timestamp()
     order by s.account_id
  loop
    perform access_private.lock_account(account);
    update access.share s
       set valid = tstzrange(lower(s.valid), greatest(clock_timestamp(), lower(s.valid))), ended_by = access_private.actor()
      from deleted d
     where d.account_id = account and s.account_id = account and s.row_id = d.id and s.module = tg_argv[0]
       and s.valid @> clock_timestamp();
  end loop;
  return null;
end $$;
comment on function access_private.shares_of_row_end() is 'After delete: ends the shares of the rows that are gone.';

create or replace function access_private.shares_of_team_end() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update access.share s
     set valid = tstzrange(lower(s.valid), greatest(clock_timestamp(), lower(s.valid))), ended_by = access_private.actor()
    from changed c
   where c.deleted_at is not null and s.account_id = c.account_id and s.team_id = c.id and s.valid @> clock_timestamp();
  return null;
end $$;
comment on function access_private.shares_of_team_end() is 'After a team is deleted, also by merging it: ends what was shared with it.';

-- At the end of the transaction, since a change ends one row of a membership and begins another.
create or replace function access_private.shares_of_member_end() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid := coalesce(new.account_id, old.account_id);
  member uuid := coalesce(new.user_id, old.user_id);
  since timestamptz;
begin
  -- Since when he is a member without a gap: a deactivated one is. Null: he is none.
  since := (
    select lower(r) from (
      select unnest(range_agg(m.valid)) as r from access.membership m where m.account_id = account and m.user_id = member
    ) spans
     where upper_inf(r) or upper(r) > clock_timestamp()
     order by r limit 1
  );
  if exists (
    select from access.share s
     where s.account_id = account and s.user_id = member and s.valid @> clock_timestamp()
       and (since is null or lower(s.valid) < since)
  ) then
    perform access_private.lock_account(account);
    update access.share s
       set valid = tstzrange(lower(s.valid), greatest(clock_timestamp(), lower(s.valid))), ended_by = access_private.actor()
     where s.account_id = account and s.user_id = member and s.valid @> clock_timestamp()
       and (since is null or lower(s.valid) < since);
  end if;
  return null;
end $$;
comment on function access_private.shares_of_member_end() is
  'At the end of a transaction that changed memberships: what was shared with somebody who is no member any more ends.';
