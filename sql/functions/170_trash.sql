-- Concern: the trash as a whole: what leaves it, and what of it is told.

create or replace function access_private.log_row(
  account uuid, said text, module_name text, of_row uuid, was jsonb, becomes jsonb
) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into access.access_log (account_id, kind, module, row_id, before, after)
  values (account, said, module_name, of_row, was, becomes);
end $$;
comment on function access_private.log_row(uuid, text, text, uuid, jsonb, jsonb) is
  'Writes into the history that a row was restored, purged or erased.';

create or replace function access_private.parts_of(account uuid, entry uuid) returns uuid[]
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    with recursive part as (
      select e.id from access.trash e where e.account_id = account and e.part_of = entry
      union all
      select e.id from part p join access.trash e on e.account_id = account and e.part_of = p.id
    )
    select array(select p.id from part p);
  end;
comment on function access_private.parts_of(uuid, uuid) is 'Entries of what went with a row, and with what went with it.';

create or replace function access_private.empty_of(account uuid, entries uuid[]) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  whole uuid[] := array(
    select unnest(access_private.parts_of(account, e.id)) from unnest(entries) e (id)
    union all
    select e.id from unnest(entries) e (id)
  );
  gone bigint;
begin
  delete from access.trash_sensitive s where s.account_id = account and s.id = any (whole);
  delete from access.trash e where e.account_id = account and e.id = any (whole);
  get diagnostics gone = row_count;
  return gone;
end $$;
comment on function access_private.empty_of(uuid, uuid[]) is 'Takes entries and their parts out of the trash; how many.';

create or replace function access_private.purge_entries(account uuid, entries uuid[]) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  gone uuid[] := array(
    select e.row_id from access.trash e
     where e.account_id = account
       and e.id in (
         select unnest(access_private.parts_of(account, x.id)) from unnest(entries) x (id)
         union all
         select x.id from unnest(entries) x (id)
       )
  );
begin
  delete from access_private.trash_link l where l.account_id = account and l.target_id = any (gone);
  delete from access_private.trash_link l where l.account_id = account and l.holder_id = any (gone);
  return access_private.empty_of(account, entries);
end $$;
comment on function access_private.purge_entries(uuid, uuid[]) is
  'Removes entries and their parts from the trash for good, with what could have been linked again; how many.';

-- A thousand at a time: each is looked at with what belonged to it.
create or replace function access.purge_trash(older_than interval, most integer default 1000) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid;
  due uuid[];
  purged bigint := 0;
begin
  for account in select a.id from access.account a order by a.id loop
    due := array(
      select e.id from access.trash e
       where e.account_id = account and e.part_of is null and e.deleted_at < clock_timestamp() - older_than
       order by e.deleted_at limit most
         for update skip locked
    );
    if cardinality(due) > 0 then
      perform access_private.purge_entries(account, due);
      purged := purged + cardinality(due);
      most := most - cardinality(due);
    end if;
    exit when most <= 0;
  end loop;
  return purged;
end $$;
comment on function access.purge_trash(interval, integer) is
  'Removes what was deleted longer ago from the trash for good, some at a time; how many rows. A gateway calls it now and then.';

create or replace function access.reaches_in_trash(verb text) returns jsonb
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select coalesce(jsonb_object_agg(x.module, x.reach), '{}')
      from (
        select m.module, bit_or(access.scope_bit(c.scope)) as reach
          from (
            values
            {% for m in registry.modules -%}
            ('{{ m.name }}', '{{ m.governing }}', 'delete', '{{ m.needed('delete') }}'),
            ('{{ m.name }}', '{{ m.governing }}', 'view_sensitive', {% if m.sensitive %}access.sensitive_action('{{ m.governing }}'){% else %}'view_sensitive'{% endif %}){{ ',' if not loop.last }}
            {% endfor -%}
          ) m (module, governing, verb, action)
          join access_private.profile_capability c
            on c.profile = access.profile() and c.module = m.governing and c.action = m.action
         where m.verb = reaches_in_trash.verb
         group by m.module
      ) x;
  end;
comment on function access.reaches_in_trash(text) is
  'By module, the scopes on which the session''s profile may delete its rows, or see what is sensitive in them.';

create or replace function access.left_out() returns text[]
  language sql stable parallel safe
  return array(
    select left(given.name, 1) || substr(replace(initcap(replace(given.name, '_', ' ')), ' ', ''), 2)
      from unnest(nullif(current_setting('cloison.left_out', true), '')::text[]) with ordinality given (name, place)
     order by given.place
  );
comment on function access.left_out() is
  'What of the row that was restored last in this transaction is not as it was, as inputs call it.';
