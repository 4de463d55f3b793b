-- Concern: sharing a row of {{ m.name }} (O8). Who may assign the row may share it, for actions that he has on it himself (G1)
-- by scopes of his own and for as long as he has them: what was shared with him he does not hand on.
{% if m.kind in ('record', 'asset') %}
create or replace function access_private.beyond_{{ m.name }}(
  subject crm.{{ m.name }}, actions text[], span tstzrange
) returns text
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select given.action from unnest(actions) given (action)
     where not coalesce(
       (
         select range_agg(s.valid) from access_private.session_profile s
          where s.account_id = subject.account_id and s.user_id = access.user_id()
            and access.{{ m.reach }}_within(
              (
                select bit_or(access.scope_bit(c.scope)) from access_private.profile_capability c
                 where c.profile = s.profile and c.module = '{{ m.name }}' and c.action = given.action
              ),
              {{ m.reach_of('(subject)') }}, access.user_id(), s.team_keys
            )
       ) @> span,
       false
     )
     order by given.action limit 1;
  end;
comment on function access_private.beyond_{{ m.name }}(crm.{{ m.name }}, text[], tstzrange) is
  'An action that the session''s member does not have on the row himself at every moment of a span; null for none (G1).';

create or replace function access_private.row_to_share_{{ m.name }}(shared_row uuid) returns crm.{{ m.name }}
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  subject crm.{{ m.name }};
begin
  perform access_private.lock_for_share('{{ m.name }}');
  -- What is hidden is not locked: who waits for a lock learns that there is something.
  select * into subject from crm.{{ m.name }} t
   where t.account_id = access.account_id() and t.id = shared_row
     and (
       access.{{ m.reach }}_within(access.reach('{{ m.name }}', 'view'), {{ m.reach_of('t') }}, me, keys)
       or access.is_shared('{{ m.name }}', 'view', '{{ m.name }}', t.id)
     )
     for share;
  if not found then
    perform access.not_found('{{ m.name }}');
  end if;
  if not access.{{ m.reach }}_within(access.reach('{{ m.name }}', 'assign'), {{ m.reach_of('subject') }}, me, keys) then
    perform access.forbid('{{ m.name }}', 'assign');
  end if;
  return subject;
end $$;
comment on function access_private.row_to_share_{{ m.name }}(uuid) is
  'The row, held until the end of the transaction, if the member may assign it; else U0403, or U0404 where he does not see it.';

create or replace function access.share_{{ m.name }}(
  shared_row uuid, receiver_user uuid, receiver_team uuid, shared_actions text[],
  reason text default null, until timestamptz default null
) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  subject crm.{{ m.name }} := access_private.row_to_share_{{ m.name }}(shared_row);
  given text[] := access_private.actions_to_share('{{ m.name }}', shared_actions);
  receiver uuid;
  former access.share;
  beyond text;
  present timestamptz;
  made uuid := access.uuid_v7();
begin
  receiver := access_private.receiver_of_share(
    '{{ m.name }}', receiver_user, receiver_team, access.reach('{{ m.name }}', 'assign')
  );
  if char_length(reason) > 1000 then
    perform access.bad_input('reason', 'at most 1000 characters');
  end if;
  perform access_private.lock_for_share('{{ m.name }}');
  present := clock_timestamp();
  if until <= present then
    perform access.bad_input('until', 'a share ends in the future');
  end if;
  former := access_private.present_share('{{ m.name }}', shared_row, receiver);
  beyond := coalesce(
    access_private.beyond_{{ m.name }}(subject, given, tstzrange(present, until)),
    access_private.beyond_{{ m.name }}(subject, former.actions, tstzrange(present, present, '[]'))
  );
  if beyond is not null then
    perform access.forbid('{{ m.name }}', beyond);
  end if;
  if former.id is not null then
    perform access_private.end_share(former);
    -- Where the other ended: the history tells of both as one change.
    present := coalesce(
      (select upper(s.valid) from access.share s where s.account_id = former.account_id and s.id = former.id), clock_timestamp()
    );
  else
    present := clock_timestamp();
  end if;
  insert into access.share (account_id, id, module, row_id, user_id, team_id, actions, reason, given_by, valid)
  values (
    subject.account_id, made, '{{ m.name }}', shared_row, receiver_user, receiver_team, given,
    nullif(trim(share_{{ m.name }}.reason), ''), access.user_id(), tstzrange(present, until)
  );
  return made;
end $$;
comment on function access.share_{{ m.name }}(uuid, uuid, uuid, text[], text, timestamptz) is
  'Shares a row with a user or a team for exactly these actions (view goes with each), until an end or for good, instead of what was shared with that receiver before (O8); the share''s id.';

create or replace function access.unshare_{{ m.name }}(shared_row uuid, receiver_user uuid, receiver_team uuid) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := access.user_id();
  ending access.share := access_private.present_share('{{ m.name }}', shared_row, coalesce(receiver_user, receiver_team));
  subject crm.{{ m.name }};
  beyond text;
  present timestamptz;
begin
  if num_nonnulls(receiver_user, receiver_team) <> 1 then
    perform access.bad_input('user_id', 'a share is with a user or with a team');
  end if;
  -- Who gave it takes it back, and who got it for himself gives it up, whatever else they may do with the row.
  if (ending.given_by = me or ending.user_id = me) is not true then
    subject := access_private.row_to_share_{{ m.name }}(shared_row);
  end if;
  perform access_private.lock_for_share('{{ m.name }}');
  ending := access_private.present_share('{{ m.name }}', shared_row, coalesce(receiver_user, receiver_team));
  if (ending.given_by = me or ending.user_id = me) is not true then
    if subject.id is null or ending.id is null then
      perform access.not_found('{{ m.name }}', case when receiver_user is null then 'team_id' else 'user_id' end);
    end if;
    present := clock_timestamp();
    beyond := access_private.beyond_{{ m.name }}(subject, ending.actions, tstzrange(present, present, '[]'));
    if beyond is not null then
      perform access.forbid('{{ m.name }}', beyond);
    end if;
  end if;
  perform access_private.end_share(ending);
  return ending.id;
end $$;
comment on function access.unshare_{{ m.name }}(uuid, uuid, uuid) is
  'Ends the share of a row with a user or a team, with the next statement; U0404 where there is none (O8).';

create or replace function access_private.shares_that_may_go_of_{{ m.name }}(account uuid, team uuid, target uuid)
  returns table (share_id uuid, instead uuid, actions text[], until timestamptz)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  bound boolean := session_user = 'cloison_gateway';
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  mask integer := access.reach('{{ m.name }}', 'assign');
  present timestamptz := clock_timestamp();
begin
  if bound and (
    mask = 0 or not access_private.is_known_team(target, mask) or access_private.missing_tier('{{ m.name }}') is not null
  ) then
    return;
  end if;
  return query
    select s.id, k.id, given.actions, upper(s.valid)
      from access.share s
      join crm.{{ m.name }} t on t.account_id = s.account_id and t.id = s.row_id
      left join access.share k on k.account_id = s.account_id and k.row_id = s.row_id and k.team_id = target and k.valid @> present
      cross join lateral (
        select coalesce(upper(s.valid), 'infinity') as its_end, coalesce(upper(k.valid), 'infinity') as other_end
      ) e
      -- There is one share of a row with a team, with one end: what no single one says is not said.
      cross join lateral (
        select case
          when k.id is null then s.actions
          when k.actions @> s.actions and e.other_end >= e.its_end then '{}'
          when e.other_end = e.its_end then array(select distinct x from unnest(k.actions || s.actions) x order by x)
          when s.actions @> k.actions and e.its_end > e.other_end then s.actions
        end as actions
      ) given
     where s.account_id = account and s.team_id = team and s.module = '{{ m.name }}' and s.valid @> present
       and given.actions is not null
       and (
         not bound
         or (
           access.{{ m.reach }}_within(access.reach('{{ m.name }}', 'view'), {{ m.reach_of('t') }}, me, keys)
           or access.is_shared('{{ m.name }}', 'view', '{{ m.name }}', t.id)
         )
         and access.{{ m.reach }}_within(mask, {{ m.reach_of('t') }}, me, keys)
         and access_private.beyond_{{ m.name }}(t, s.actions || given.actions, tstzrange(present, upper(s.valid))) is null
       )
     order by s.id;
end $$;
comment on function access_private.shares_that_may_go_of_{{ m.name }}(uuid, uuid, uuid) is
  'Of the rows of {{ m.name }} that are shared with a team, those that the administering member could share with another one by hand (O8, G1); as access_private.shares_that_may_go.';
{% endif %}
