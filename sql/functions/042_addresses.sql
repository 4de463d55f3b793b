-- Concern: what an e-mail address is, and when two are one (T2); and that names are one line. Whoever delivers our e-mails may
-- put both into headers.

-- Only ASCII is folded: with other letters two addresses become one that are two people's (the sign for Kelvin is no k).
create or replace function access_private.address_key(email text) returns text
  language sql immutable
  return lower(trim(email) collate "C");
comment on function access_private.address_key(text) is
  'An e-mail address in the form in which it is kept and compared: without blanks around it, A to Z in lower case, all else byte for byte.';

create or replace function access_private.is_address(email text) returns boolean
  language sql immutable
  return email collate "C" ~ ('^[a-z0-9!#$%&''*+/=?^_`{|}~][a-z0-9!#$%&''*+/=?^_`{|}~-]*(?:\.[a-z0-9!#$%&''*+/=?^_`{|}~-]+)*'
                || '@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$')
     and char_length(email) <= 254 and char_length(split_part(email, '@', 1)) <= 64;
comment on function access_private.is_address(text) is
  'Whether a key is an address as we take them: a dot-atom, which begins no option of a command, @ and the labels of a host (RFC 5321), all in ASCII.';

create or replace function access_private.checked_address(email text, field text default 'email') returns text
  language plpgsql immutable set search_path = pg_catalog, pg_temp
as $$
declare
  address text := access_private.address_key(email);
begin
  if address ~ '[^\x01-\x7f]' then
    perform access.bad_input(field, 'this is not an e-mail address that we take: letters beyond ASCII are not, and a host has its xn-- form');
  end if;
  if address is null or not access_private.is_address(address) then
    perform access.bad_input(field, 'this is not an e-mail address');
  end if;
  return address;
end $$;
comment on function access_private.checked_address(text, text) is 'An e-mail address as it is kept; U0400 naming the field where it is none.';

create or replace function access_private.keep_address() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- What was taken in earlier times stays, until it is changed.
  if tg_op = 'INSERT' or new.email is distinct from old.email then
    if access_private.checked_address(new.email) <> new.email then
      perform access.bad_input('email', 'an e-mail address is kept in lower case, without blanks around it');
    end if;
  end if;
  return new;
end $$;
comment on function access_private.keep_address() is 'Before an address is written, by whomever: U0400 for what is none.';

create or replace function access_private.keep_name() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if (tg_op = 'INSERT' or new.name is distinct from old.name) and new.name ~ '[\u0001-\u001f\u007f-\u009f\u2028\u2029]' then
    perform access.bad_input('name', 'a name is one line, without control characters');
  end if;
  return new;
end $$;
comment on function access_private.keep_name() is 'Before a name is written, by whomever: U0400 for more than a line.';
