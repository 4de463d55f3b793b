-- Concern: e-mails wait here for who delivers them, an operator's process. What is secret in one is forgotten when it is
-- delivered, and goes with one that nobody is to get any more.

create or replace function access.take_emails(most integer default 20, lease interval default '5 minutes')
  returns table (id uuid, kind text, recipient text, details jsonb, secret text, attempts integer)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    with waiting as (
      select e.account_id, e.id from access_private.email e
        join access.invitation i on i.account_id = e.account_id and i.id = e.about
       where e.delivered_at is null and coalesce(e.taken_until <= clock_timestamp(), true)
         and i.expires_at > clock_timestamp()
       order by e.written_at limit most
         for update of e skip locked
    )
    update access_private.email e set taken_until = clock_timestamp() + lease, attempts = e.attempts + 1
      from waiting w
     where e.account_id = w.account_id and e.id = w.id
    returning e.id, e.kind, e.recipient, e.details, e.secret, e.attempts;
end $$;
comment on function access.take_emails(integer, interval) is
  'E-mails to deliver, the oldest first, each for nobody else until the lease is over: what is not said to be delivered by then is taken again.';

create or replace function access.email_delivered(email uuid) returns boolean
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update access_private.email e set delivered_at = clock_timestamp(), taken_until = null, secret = null
   where e.id = email and e.delivered_at is null;
  return found;
end $$;
comment on function access.email_delivered(uuid) is
  'Says that an e-mail was delivered, and forgets its secret; whether it was waiting.';

create or replace function access_private.withdraw_emails(account uuid, about uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  delete from access_private.email e
   where e.account_id = account and e.about = withdraw_emails.about and e.delivered_at is null;
end $$;
comment on function access_private.withdraw_emails(uuid, uuid) is 'What was not delivered yet, nobody gets any more.';
