-- Concern: the end of a membership (T10): whose the member's rows are then.

create or replace function access_private.hand_over_rows(account uuid, former uuid, new_owner uuid) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  bound boolean := session_user = 'cloison_gateway';
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  main_team uuid := (
    select t.team_id from access.team_member t
     where t.account_id = account and t.user_id = new_owner and t.is_main and t.valid @> clock_timestamp()
  );
  changed bigint;
  total bigint := 0;
  by_module jsonb := '{}';
begin
  {% for m in registry.modules if m.kind in ('record', 'asset') -%}
  -- In the order of their ids, as everybody who changes many rows.
  perform from crm.{{ m.name }} t where t.account_id = account and t.owner_id = former order by t.id for update;
  if bound and exists (
    select from crm.{{ m.name }} t
     where t.account_id = account and t.owner_id = former
       and not access.{{ m.reach }}_within(access.reach('{{ m.name }}', 'assign'), {{ m.reach_of('t') }}, me, keys)
  ) then
    perform access.forbid('{{ m.name }}', 'assign');
  end if;
  update crm.{{ m.name }} t set owner_id = new_owner
  {%- if m.kind == 'record' %}, team_id = case when new_owner is null then t.team_id else main_team end{% endif %}
   where t.account_id = account and t.owner_id = former;
  get diagnostics changed = row_count;
  total := total + changed;
  if changed > 0 then
    by_module := by_module || jsonb_build_object('{{ m.name }}', changed);
  end if;
  {% endfor -%}
  perform set_config('cloison.reassigned', by_module::text, true);
  return total;
end $$;
comment on function access_private.hand_over_rows(uuid, uuid, uuid) is
  'Gives all rows of one owner to another, whose main team records follow (O4), or to nobody; how many. U0403 where the administering member may not assign one of them.';

create or replace function access.reassigned() returns table (place bigint, module text, count bigint)
  language sql stable parallel safe set search_path = pg_catalog, pg_temp
  begin atomic
    select row_number() over (order by r.key), r.key, r.value::bigint
      from jsonb_each_text(coalesce(nullif(current_setting('cloison.reassigned', true), '')::jsonb, '{}')) r;
  end;
comment on function access.reassigned() is
  'How many rows of each module the last removal in this transaction gave to somebody else, or to nobody.';

create or replace function access.remove_member(account uuid, member uuid, new_owner uuid default null) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz;
  login name;
  reassigned bigint;
begin
  perform access_private.authorize(account, 'users');
  if not exists (
    select from access.membership m
     where m.account_id = account and m.user_id = member and m.valid @> clock_timestamp()
  ) then
    perform access.not_found('users');
  end if;
  perform access_private.bound_self(member);
  perform access_private.bound_member(account, member);
  if exists (
    select from access.membership m
     where m.account_id = account and m.user_id = member and m.super_admin and m.valid @> clock_timestamp()
  ) then
    perform access_private.require_super_admin_actor(account);
  end if;
  if new_owner = member then
    perform access.bad_input('new_owner', 'who goes owns nothing any more: name somebody else, or nobody');
  end if;
  if new_owner is not null and (
    not exists (
      select from access.membership m
       where m.account_id = account and m.user_id = new_owner and m.status = 'active' and m.valid @> clock_timestamp()
    )
    or session_user = 'cloison_gateway' and not access.knows_person(new_owner)
  ) then
    perform access.not_found('users', 'new_owner');
  end if;
  reassigned := access_private.hand_over_rows(account, member, new_owner);
  for login in
    select l.login from access.analyst_login l
     where l.account_id = account and l.user_id = member and l.valid @> clock_timestamp() order by l.login
  loop
    perform access.revoke_analyst(login);
  end loop;
  present := clock_timestamp();
  -- The membership first: what ends after it changes nothing more for anybody.
  update access.membership m set valid = tstzrange(lower(m.valid), present)
   where m.account_id = account and m.user_id = member and m.valid @> present;
  update access.team_member t set valid = tstzrange(lower(t.valid), present)
   where t.account_id = account and t.user_id = member and t.valid @> present;
  update access.exception e set valid = tstzrange(lower(e.valid), present)
   where e.account_id = account and e.user_id = member and e.valid @> present;
  delete from access.exception e where e.account_id = account and e.user_id = member and lower(e.valid) > present;
  perform access_private.require_super_admin(account);
  return reassigned;
end $$;
comment on function access.remove_member(uuid, uuid, uuid) is
  'Ends a membership, active or not, with its teams, exceptions and logins; rows go to the new owner, or to nobody; how many (T9, T10).';
