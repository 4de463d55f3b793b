{%- macro state(row) -%}
access_private.state_of(to_jsonb({{ row }}), {{ row }}.valid, '{actions}')
{%- endmacro -%}
-- Concern: the history of access (X5): with whom single rows are shared (O8). As with the facts of sql/functions/150_history.sql,
-- one row replaces another, and it is looked at when the transaction commits. That a share reaches its end is no change.

-- A share has a reason of its own, which counts for it before that of the transaction.
create or replace function access_private.write_share(of access.share, was jsonb, becomes jsonb) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  said text := coalesce(current_setting('cloison.reason', true), '');
begin
  if becomes is not null then
    -- As it is now: an erasure may have removed it meanwhile.
    perform set_config('cloison.reason', coalesce(
      (select s.reason from access.share s where s.account_id = of.account_id and s.id = of.id), said
    ), true);
  end if;
  insert into access.access_log (account_id, kind, module, row_id, user_id, team_id, before, after)
  values (of.account_id, 'share', of.module, of.row_id, of.user_id, of.team_id, was, becomes);
  perform set_config('cloison.reason', said, true);
end $$;
comment on function access_private.write_share(access.share, jsonb, jsonb) is
  'Writes a change of a share into the history, with the reason for which it is given, or that of the transaction.';

create or replace function access_private.log_share() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  subject access.share;
  former access.share;
  other access.share;
  said jsonb;
  was jsonb;
  becomes jsonb;
begin
  if tg_op <> 'INSERT' then
    former := old;
    was := case when not access_private.is_over(former.valid) then {{ state('former') }} end;
  end if;
  if tg_op = 'DELETE' then
    subject := old;
  else
    subject := new;
    becomes := case when not access_private.is_over(subject.valid) then {{ state('subject') }} end;
  end if;
  if tg_op = 'UPDATE' and (subject.account_id, subject.module, subject.row_id, subject.receiver_id)
     is distinct from (former.account_id, former.module, former.row_id, former.receiver_id) then
    if was is not null then
      perform access_private.write_share(former, was, null);
    end if;
    was := null;
  elsif tg_op = 'UPDATE' and was is not null and becomes is null then
    -- What takes its place began in this same transaction, or in a savepoint of it: no older one is as young.
    select s.* into other from access.share s
     where s.account_id = subject.account_id and s.row_id = subject.row_id and s.module = subject.module
       and s.receiver_id = subject.receiver_id and lower(s.valid) = upper(subject.valid) and age(s.xmin) <= age(pg_current_xact_id()::xid);
    if found then
      becomes := {{ state('other') }};
      subject := other;
    end if;
  elsif tg_op = 'INSERT' and becomes is not null then
    select s.* into other from access.share s
     where s.account_id = subject.account_id and s.row_id = subject.row_id and s.module = subject.module
       and s.receiver_id = subject.receiver_id and upper(s.valid) = lower(subject.valid) and age(s.xmin) <= age(pg_current_xact_id()::xid);
    if found then
      -- Its end has said what takes its place, or that nothing is changed by it; unless constraints were immediate.
      select l.after into said from access.access_log l
       where l.account_id = subject.account_id and l.row_id = subject.row_id and l.kind = 'share' and l.module = subject.module
         and coalesce(l.user_id, l.team_id) = subject.receiver_id
         and l.at >= now() and l.transaction_id = pg_current_xact_id()
       order by l.at desc, l.id desc limit 1;
      if not found or said is not distinct from becomes then
        return null;
      end if;
      was := {{ state('other') }};
    end if;
  end if;
  if was is distinct from becomes then
    perform access_private.write_share(subject, was, becomes);
  end if;
  return null;
end $$;
comment on function access_private.log_share() is
  'At the end of a transaction that changed shares: for what, and until when, a row was shared with somebody, and is from then on.';
