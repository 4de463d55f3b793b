-- Concern: the history of what concerns all accounts (X5): who is an operator, and whether people subscribe accounts themselves
-- (T8). It is of no account, so that no member and no analyst reads it: `cloison operator log` does.

-- As access_private.sign_history(). Nobody comes to it by the gateway: whose login it is says who.
create or replace function access_private.sign_operator_log() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  if current_user <> 'cloison_engine' then
    raise exception using errcode = '55000', message = 'history is written by changes of access alone';
  end if;
  new.id := access.uuid_v7();
  new.at := clock_timestamp();
  new.operator := session_user;
  new.reason := left(nullif(current_setting('cloison.reason', true), ''), 1000);
  new.transaction_id := pg_current_xact_id();
  return new;
end $$;
comment on function access_private.sign_operator_log() is
  'Before insert into the history of operators: by the engine alone, as whoever''s login it is, with the transaction''s reason.';

create or replace function access_private.log_operator() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op <> 'INSERT' and (tg_op = 'DELETE' or new.user_id <> old.user_id) then
    insert into access_private.operator_log (kind, user_id, before) values ('operator', old.user_id, '{"operator": true}');
  end if;
  if tg_op <> 'DELETE' and (tg_op = 'INSERT' or new.user_id <> old.user_id) then
    insert into access_private.operator_log (kind, user_id, after) values ('operator', new.user_id, '{"operator": true}');
  end if;
  return null;
end $$;
comment on function access_private.log_operator() is 'After somebody became an operator, or was one.';

create or replace function access_private.log_subscribing() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into access_private.operator_log (kind, before, after)
  values (
    'subscribing', jsonb_build_object('subscribing', old.subscribing), jsonb_build_object('subscribing', new.subscribing)
  );
  return null;
end $$;
comment on function access_private.log_subscribing() is 'After people were let, or not let, subscribe accounts.';
