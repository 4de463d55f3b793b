-- Concern: a mutation that comes with an idempotency key is done once. The key is claimed first, in the transaction that does
-- it, so that what fails keeps nothing, and whoever comes at the same time waits for how it ends. Kept is what was made, not
-- what was answered: a retry reads that under the rights of its own moment.

create or replace function access_private.answers_kept() returns interval
  language sql immutable parallel safe
  return interval '48 hours';
comment on function access_private.answers_kept() is 'For how long a key is known.';

create or replace function access_private.claim(
  account uuid, member uuid, idempotency_key text, mutation text, fingerprint bytea
) returns access_private.answer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  earlier access_private.answer;
begin
  if char_length(idempotency_key) not between 1 and 255 then
    perform access.bad_input('idempotency_key', 'a key has 1 to 255 characters');
  end if;
  -- Who is at it with the same key is waited for here.
  insert into access_private.answer as a (account_id, user_id, key, mutation, fingerprint)
  values (account, member, idempotency_key, claim.mutation, claim.fingerprint)
    on conflict on constraint answer_pkey do update
      set mutation = excluded.mutation, fingerprint = excluded.fingerprint, made = null, visible = false, told = null,
          at = excluded.at
    where a.at <= clock_timestamp() - access_private.answers_kept();
  if found then
    return null;
  end if;
  select * into strict earlier from access_private.answer a
   where a.account_id = account and a.user_id = member and a.key = idempotency_key;
  if earlier.mutation <> claim.mutation or earlier.fingerprint <> claim.fingerprint then
    perform access.bad_input(
      'idempotency_key', format('was used for another request of yours, a %s: give each its own', earlier.mutation)
    );
  end if;
  return earlier;
end $$;
comment on function access_private.claim(uuid, uuid, text, text, bytea) is
  'Claims a key for a mutation with an input of this fingerprint: null, or what is kept of when that was done before; U0400 where something else was.';

create or replace function access.claim(idempotency_key text, mutation text, fingerprint bytea) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  earlier access_private.answer := access_private.claim(
    access.account_id(), access.user_id(), idempotency_key, mutation, fingerprint
  );
begin
  if earlier.key is not null then
    raise exception using
      errcode = 'U0308', message = 'this was done before',
      detail = jsonb_build_object('made', earlier.made, 'visible', earlier.visible)::text;
  end if;
end $$;
comment on function access.claim(text, text, bytea) is
  'Claims a key of the member; U0308 with what was made where the same was done under it before.';

create or replace function access.keep_answer(idempotency_key text, made text, visible boolean) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update access_private.answer a
     set made = keep_answer.made, visible = keep_answer.visible,
         told = jsonb_build_object(
           'withheld', current_setting('cloison.withheld', true), 'kept', current_setting('cloison.kept', true)
         )
   where a.account_id = access.account_id() and a.user_id = access.user_id() and a.key = idempotency_key
     and a.made is null;
end $$;
comment on function access.keep_answer(text, text, boolean) is
  'Says what was made under a key that was claimed, and whether who made it sees it; once.';

create or replace function access.recall(idempotency_key text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  earlier jsonb;
begin
  select a.told into earlier from access_private.answer a
   where a.account_id = access.account_id() and a.user_id = access.user_id() and a.key = idempotency_key;
  perform set_config('cloison.withheld', coalesce(earlier ->> 'withheld', ''), true),
          set_config('cloison.kept', coalesce(earlier ->> 'kept', ''), true);
end $$;
comment on function access.recall(text) is
  'Tells again, in this transaction, what was told beside the answer under a key of the member: access.withheld(), access.kept().';

create or replace function access.forget_answers() returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  forgotten integer;
begin
  with old as (
    select a.account_id, a.user_id, a.key from access_private.answer a
     where a.at <= clock_timestamp() - access_private.answers_kept()
     order by a.at limit 10000
       for update skip locked
  )
  delete from access_private.answer a using old o
   where a.account_id = o.account_id and a.user_id = o.user_id and a.key = o.key;
  get diagnostics forgotten = row_count;
  return forgotten;
end $$;
comment on function access.forget_answers() is
  'Forgets keys that are older than they are kept, ten thousand at most; how many. A gateway calls it now and then.';
