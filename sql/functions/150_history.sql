{%- set facts = [
  ('membership', 'membership', ('user_id',), ('status', 'role_id', 'super_admin'), ('user_id', 'role_id')),
  ('team_member', 'team_member', ('user_id', 'team_id'), ('is_main',), ('user_id', 'team_id')),
  ('team_role', 'team_role', ('team_id', 'role_id'), ('role_id',), ('team_id', 'role_id')),
  ('team_edge', 'team_edge', ('team_id',), ('parent_id',), ('team_id',)),
  ('role_cell', 'role_cell', ('role_id', 'module', 'action', 'scope'), ('action', 'scope'), ('role_id', 'module')),
  ('exception', 'exception', ('user_id', 'module', 'action', 'scope'), ('action', 'scope', 'effect'), ('user_id', 'module')),
  ('account_tier', 'tier', ('hub',), ('hub', 'tier'), ()),
  ('account_setting', 'setting', ('name',), ('name',), ()),
  ('analyst_login', 'analyst_login', ('login',), ('login',), ('user_id',)),
  ('sensitivity', 'sensitivity', ('module',), ('sensitive',), ('module',))
] -%}
{%- macro of(row, columns) -%}
{% for column in columns %}{{ row }}.{{ column }}{{ ', ' if not loop.last }}{% endfor %}
{%- endmacro -%}
{%- macro same(row, other, columns) -%}
{% for column in columns %}{{ row }}.{{ column }} = {{ other }}.{{ column }}{{ ' and ' if not loop.last }}{% endfor %}
{%- endmacro -%}
{%- macro state(row, columns) -%}
access_private.state_of(to_jsonb({{ row }}), {{ row }}.valid, '{{ '{' }}{{ columns | join(',') }}{{ '}' }}')
{%- endmacro -%}
{%- macro write(kind, row, subjects, was, becomes) -%}
insert into access.access_log ({{ (('account_id', 'kind') + subjects + ('before', 'after')) | join(', ') }})
    values ({{ row }}.account_id, '{{ kind }}', {% for each in subjects %}{{ row }}.{{ each }}, {% endfor %}{{ was }}, {{ becomes }});
{%- endmacro -%}
-- Concern: the history of access (X5): what writes it. A change of a fact ends one row of it and begins another, so what is
-- written is looked at when the transaction commits: then both are there, and a transaction that is undone has written
-- nothing. That a fact ends by itself, at a moment that was named when it began, is no change.

-- Numbers of transactions begin anew in another server, to which a dump may go; not so together with their beginning.
create or replace function access_private.batch() returns uuid
  language sql volatile set search_path = pg_catalog, pg_temp
  return left(encode(sha256(convert_to(
    pg_current_xact_id()::text || '/' || extract(epoch from now())::text, 'UTF8'
  )), 'hex'), 32)::uuid;
comment on function access_private.batch() is 'By what the history knows all that the present transaction changes.';

-- Who, when, why and by which request are nobody's to give. Invoker: it asks who inserts.
create or replace function access_private.sign_history() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  if current_user <> 'cloison_engine' then
    raise exception using errcode = '55000', message = 'history is written by changes of access alone';
  end if;
  new.id := access.uuid_v7();
  new.at := clock_timestamp();
  new.actor := case when session_user = 'cloison_gateway' then nullif(current_setting('cloison.user_id', true), '')::uuid end;
  new.operator := case when new.actor is null then session_user end;
  -- Of another account than his own it is an operator's (T8), who is nobody there. Who makes an account has none yet.
  if new.actor is not null and new.account_id <> nullif(current_setting('cloison.account_id', true), '')::uuid then
    new.operator := (select u.email from access.app_user u where u.id = new.actor);
    new.actor := null;
  end if;
  new.reason := left(nullif(current_setting('cloison.reason', true), ''), 1000);
  new.request := left(nullif(current_setting('cloison.request', true), ''), 100);
  new.transaction_id := pg_current_xact_id();
  new.batch := access_private.batch();
  return new;
end $$;
comment on function access_private.sign_history() is
  'Before insert into the history: by the engine alone, as whoever the session is, with the transaction''s reason.';

create or replace function access_private.keep_history() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  -- Row by row, access_private.keep_but_reason() looks at what the engine changes.
  if tg_op = 'UPDATE' and current_user = 'cloison_engine' then
    return null;
  end if;
  raise exception using errcode = '55000', message = 'history is not rewritten';
end $$;
comment on function access_private.keep_history() is 'Refuses every change of the history but an erasure, and TRUNCATE.';

create or replace function access_private.as_pattern(said text) returns text
  language sql immutable
  return regexp_replace(said, '([].*+?^${}()|\\[])', '\\\1', 'g');
comment on function access_private.as_pattern(text) is 'A regular expression that matches a text and nothing else.';

-- What people wrote may have the address of somebody who is erased in it (docs/erasure.md); all else in the history is facts
-- and ids.
create or replace function access_private.keep_but_reason() returns trigger
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  if current_user = 'cloison_engine' and to_jsonb(new) - 'reason' = to_jsonb(old) - 'reason'
     and (
       new.reason is null
       -- Addresses give way to a mark, and every other word stays.
       or old.reason ~ ('^' || replace(access_private.as_pattern(new.reason), '\[erased\]', '(?:\S+@\S+|\[erased\])') || '$')
     ) then
    return new;
  end if;
  raise exception using errcode = '55000', message = 'history is not rewritten';
end $$;
comment on function access_private.keep_but_reason() is 'Before update of the history: lets the engine remove a reason or the addresses in it, and nothing else.';

create or replace function access_private.is_over(period tstzrange) returns boolean
  language sql volatile
  return isempty(period) or coalesce(upper(period) <= clock_timestamp(), false);
comment on function access_private.is_over(tstzrange) is 'Whether what held in a period holds no more.';

create or replace function access_private.state_of(fact jsonb, period tstzrange, columns text[]) returns jsonb
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
  return jsonb_strip_nulls(
    (select jsonb_object_agg(e.key, e.value) from jsonb_each(fact) e where e.key = any (columns))
    || jsonb_build_object(
      'from', case when lower(period) > clock_timestamp() then lower(period) end,
      'until', case when upper(period) > clock_timestamp() then upper(period) end
    )
  );
end $$;
comment on function access_private.state_of(jsonb, tstzrange, text[]) is
  'What a fact says, as the history has it: some columns, and where they are to come, its beginning and its end.';

{% for table, kind, key, columns, subjects in facts -%}
{% set named = key | select('in', ('user_id', 'team_id', 'role_id', 'module')) | list -%}
{% set within = key | reject('in', ('user_id', 'team_id', 'role_id', 'module')) | list -%}
create or replace function access_private.log_{{ table }}() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  other access.{{ table }};
  said jsonb;
  was jsonb;
  becomes jsonb;
begin
  if tg_op = 'DELETE' then
    if not access_private.is_over(old.valid) then
    {{ write(kind, 'old', subjects, state('old', columns), 'null') }}
    end if;
    return null;
  end if;
  becomes := {{ state('new', columns) }};
  if tg_op = 'INSERT' then
    -- What it takes the place of ended in this same transaction, or in a savepoint of it: no older one is as young.
    select f.* into other from access.{{ table }} f
     where f.account_id = new.account_id and {{ same('f', 'new', key) }}
       and upper(f.valid) = lower(new.valid) and age(f.xmin) <= age(pg_current_xact_id()::xid);
    if found then
      -- Its end has said what takes its place, or that nothing is changed by it; unless constraints were immediate.
      select l.after into said from access.access_log l
       where l.account_id = new.account_id and l.kind = '{{ kind }}' and l.at >= now() and l.transaction_id = pg_current_xact_id()
         {%- if named %} and {{ same('l', 'new', named) }}{% endif %}
         {%- for column in within %}
         and coalesce(l.after, l.before) ->> '{{ column }}' = new.{{ column }}{% endfor %}
       order by l.at desc, l.id desc limit 1;
      if not found or said is not distinct from becomes then
        return null;
      end if;
      was := {{ state('other', columns) }};
    end if;
  else
    was := {{ state('old', columns) }};
    if ({{ of('new', ('account_id',) + key) }}) is distinct from ({{ of('old', ('account_id',) + key) }}) then
    {{ write(kind, 'old', subjects, 'was', 'null') }}
      was := null;
    elsif access_private.is_over(new.valid) and not access_private.is_over(old.valid) then
      select f.* into other from access.{{ table }} f
       where f.account_id = new.account_id and {{ same('f', 'new', key) }}
         and lower(f.valid) = upper(new.valid) and age(f.xmin) <= age(pg_current_xact_id()::xid);
      if found then
        becomes := {{ state('other', columns) }};
        new := other;
      else
        becomes := null;
      end if;
    end if;
  end if;
  if was is distinct from becomes then
    {{ write(kind, 'new', subjects, 'was', 'becomes') }}
  end if;
  return null;
end $$;
comment on function access_private.log_{{ table }}() is
  'At the end of a transaction that changed access.{{ table }}: what was, and what is from then on.';

{% endfor -%}
create or replace function access_private.log_team() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  was jsonb := case when tg_op <> 'INSERT' and old.deleted_at is null then jsonb_build_object('name', old.name) end;
  becomes jsonb := case when tg_op <> 'DELETE' and new.deleted_at is null then jsonb_build_object('name', new.name) end;
begin
  if was is distinct from becomes then
    insert into access.access_log (account_id, kind, team_id, before, after)
    values (coalesce(new.account_id, old.account_id), 'team', coalesce(new.id, old.id), was, becomes);
  end if;
  return null;
end $$;
comment on function access_private.log_team() is 'After a team was made, renamed or deleted.';

create or replace function access_private.log_role() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  was jsonb := case when tg_op <> 'INSERT' and old.deleted_at is null then jsonb_build_object('name', old.name) end;
  becomes jsonb := case when tg_op <> 'DELETE' and new.deleted_at is null then jsonb_build_object('name', new.name) end;
begin
  -- Built-in roles are there from the start.
  if was is distinct from becomes and not (tg_op = 'INSERT' and new.builtin is not null) then
    insert into access.access_log (account_id, kind, role_id, before, after)
    values (coalesce(new.account_id, old.account_id), 'role', coalesce(new.id, old.id), was, becomes);
  end if;
  return null;
end $$;
comment on function access_private.log_role() is 'After a role was made, renamed or deleted.';

create or replace function access_private.log_account() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  insert into access.access_log (account_id, kind, before, after)
  values (new.id, 'account', jsonb_build_object('kind', old.kind), jsonb_build_object('kind', new.kind));
  return null;
end $$;
comment on function access_private.log_account() is 'After an account became one of another kind.';
