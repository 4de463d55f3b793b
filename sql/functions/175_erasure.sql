-- Concern: erasing people (docs/erasure.md): members and users, and their addresses in what people wrote of them. Rows of modules that are
-- people are erased in sql/functions/module/erase.sql.

create or replace function access_private.refuse_named_reason(given text[]) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from unnest(given) g (name)
     -- What is shorter is in too many words.
     where char_length(trim(g.name)) > 4 and position(lower(trim(g.name)) in lower(current_setting('cloison.reason', true))) > 0
  ) then
    perform access.bad_input('reason', 'the history keeps it: do not name who is erased');
  end if;
end $$;
comment on function access_private.refuse_named_reason(text[]) is 'U0400 where the reason of an erasure has one of these names in it.';

-- A whole address, which is nobody else's: not a part of a longer one, and never a name, which whoever gives it chooses.
create or replace function access_private.without_address(said text, address text) returns text
  language sql immutable
  return regexp_replace(
    said collate "C",
    '(?<![a-z0-9.!#$%&''*+/=?^_`{|}~@-])' || access_private.as_pattern(address)
      || '(?![a-z0-9@-]|\.[a-z0-9])',
    '[erased]', 'gi'
  );
comment on function access_private.without_address(text, text) is
  'A text in which [erased] stands wherever there was this address as a whole, in upper or lower case.';

{% macro mentions(column) -%}
position(address in lower({{ column }} collate "C")) > 0
     and access_private.without_address({{ column }}, address) <> {{ column }}
{%- endmacro -%}
create or replace function access_private.erase_mentions(account uuid, addresses text[], in_rows boolean) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  everywhere boolean := not access_private.is_bound(account);
  address text;
begin
  foreach address in array addresses loop
    address := access_private.address_key(address);
    continue when address is null or not access_private.is_address(address);
    if in_rows or everywhere then
      {% for m in registry.modules -%}
      {% for column in m.columns if column.personal -%}
      update crm.{{ m.name }} t set {{ column.name }} = access_private.without_address(t.{{ column.name }}, address)
       where t.account_id = account and {{ mentions('t.' ~ column.name) }};
      update access.trash e
         set content = jsonb_set(
           e.content, array['{{ column.name }}'], to_jsonb(access_private.without_address(e.content ->> '{{ column.name }}', address))
         )
       where e.account_id = account and e.module = '{{ m.name }}' and {{ mentions("(e.content ->> '" ~ column.name ~ "')") }};
      {% endfor -%}
      {% endfor %}
    end if;
    -- Reasons are of all sorts of changes: who does not hold everything may not know of them all.
    if everywhere then
      {% for table in ['share', 'invitation', 'job', 'access_log'] -%}
      update access.{{ table }} t set reason = access_private.without_address(t.reason, address)
       where t.account_id = account and {{ mentions('t.reason') }};
      {% endfor %}
    end if;
  end loop;
end $$;
comment on function access_private.erase_mentions(uuid, text[], boolean) is
  'Puts [erased] in the place of these addresses: where rows say who wrote, if asked to, and, for who holds everything and for operators, there and in reasons.';

create or replace function access.mentions(account uuid, sought text) returns table (place text, id uuid, said text)
  language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return query
    {% for m in registry.modules -%}
    {% for column in m.columns if column.personal -%}
    select 'crm.{{ m.name }}', t.id, t.{{ column.name }} from crm.{{ m.name }} t
     where t.account_id = account and position(lower(sought) in lower(t.{{ column.name }})) > 0
    union all
    {% endfor -%}
    {% endfor -%}
    {% for table in ['share', 'invitation', 'job', 'access_log'] -%}
    select 'access.{{ table }}', t.id, t.reason from access.{{ table }} t
     where t.account_id = account and position(lower(sought) in lower(t.reason)) > 0
    {{ 'union all' if not loop.last else '' }}
    {% endfor -%}
    order by 1, 2;
end $$;
comment on function access.mentions(uuid, text) is
  'Where an account says who wrote and why something was done, with a text in it: what an erasure leaves of a name is found so. For operators.';

create or replace function access_private.erase_reasons(account uuid, member uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update access.access_log l set reason = null
   where l.account_id = account and l.user_id = member and l.reason is not null;
end $$;
comment on function access_private.erase_reasons(uuid, uuid) is 'Removes why the access of a member was changed.';

create or replace function access_private.erase_operator_reasons(person uuid, address text) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  update access_private.operator_log l set reason = null where l.user_id = person and l.reason is not null;
  address := access_private.address_key(address);
  update access_private.operator_log l set reason = access_private.without_address(l.reason, address)
   where {{ mentions('l.reason') }};
end $$;
comment on function access_private.erase_operator_reasons(uuid, text) is
  'Removes why somebody who is known to no account any more became an operator, and his address from why others did.';

create or replace function access_private.log_erased(account uuid, member uuid, reassigned bigint) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into access.access_log (account_id, kind, user_id, after)
  values (account, 'erasure', member, jsonb_build_object('reassigned', reassigned));
end $$;
comment on function access_private.log_erased(uuid, uuid, bigint) is 'Writes into the history that a member was erased.';

create or replace function access.erase_member(account uuid, member uuid, new_owner uuid default null) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  names text[];
  reassigned bigint := 0;
begin
  perform access_private.authorize(account, 'users');
  -- One account after the other decides whether anybody still knows the address.
  perform from access.app_user u where u.id = member for update;
  select array[p.name, u.email] into names
    from access.member p join access.app_user u on u.id = p.user_id
   where p.account_id = account and p.user_id = member and p.erased_at is null;
  if not found then
    perform access.not_found('users');
  end if;
  perform access_private.refuse_named_reason(names);
  if exists (
    select from access.membership m
     where m.account_id = account and m.user_id = member and m.valid @> clock_timestamp()
  ) then
    reassigned := access.remove_member(account, member, new_owner);
  end if;
  update access.member p set name = access_private.pseudonym(member), erased_at = clock_timestamp()
   where p.account_id = account and p.user_id = member;
  update access.share s set reason = null
   where s.account_id = account and s.user_id = member and s.reason is not null;
  perform access_private.erase_reasons(account, member);
  perform access_private.erase_mentions(account, names[2:], false);
  perform access_private.erase_invitations(member, account);
  if not exists (select from access.member p where p.user_id = member and p.erased_at is null) then
    -- By the address alone: what an account calls somebody is no word for what others have said.
    perform access_private.erase_operator_reasons(member, (select u.email from access.app_user u where u.id = member));
    update access.app_user u set email = access.address_of_nobody(member) where u.id = member;
  end if;
  perform access_private.log_erased(account, member, reassigned);
  return reassigned;
end $$;
comment on function access.erase_member(uuid, uuid, uuid) is
  'Removes a member, if he is one still, and his name and address from the account for good; what he made stays; how many rows have another owner. As access.remove_member (T9, T10, G1).';

create or replace function access_private.pseudonym(person uuid) returns text
  language sql immutable
  return 'Erased person ' || left(person::text, 4);
comment on function access_private.pseudonym(uuid) is 'How an account calls somebody whose name was erased.';

create or replace function access.address_of_nobody(person uuid) returns text
  language sql immutable parallel safe
  return 'erased-' || person || '@erased.invalid';
comment on function access.address_of_nobody(uuid) is 'What stands where the address of somebody was who was erased: nothing is delivered there (RFC 2606).';

create or replace function access.erase_person_everywhere(address text) returns integer
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  person uuid := (select u.id from access.app_user u where u.email = access_private.address_key(address));
  -- Who was invited and never came is no user, and known all the same.
  invited uuid[] := array(select i.id from access.invitation i where i.email = access_private.address_key(address));
  account uuid;
  erased integer := 0;
begin
  if person is null and invited = '{}' then
    perform access.not_found('users');
  end if;
  delete from access_private.email e where e.about = any (invited);
  update access.access_log l set reason = null
    from access.invitation i
   where i.id = any (invited) and l.account_id = i.account_id and l.row_id = i.id and l.kind = 'invitation'
     and l.reason is not null;
  delete from access.invitation i where i.id = any (invited);
  perform access_private.erase_operator_reasons(person, address);
  for account in
    select p.account_id from access.member p where p.user_id = person and p.erased_at is null order by p.account_id
  loop
    begin
      perform access.erase_member(account, person);
    exception when sqlstate 'U0409' then
      perform access.conflict(format(
        'in the account %s this is the only active super admin: make somebody else one first',
        (select a.slug from access.account a where a.id = account)
      ));
    end;
    erased := erased + 1;
  end loop;
  perform access_private.erase_invitations(person);
  update access.app_user u set email = access.address_of_nobody(person)
   where u.id = person and u.email <> access.address_of_nobody(person);
  return erased;
end $$;
comment on function access.erase_person_everywhere(text) is
  'Erases the user with this address in every account and as a user, for operators; in how many accounts.';
