{% macro within(action, row) -%}
  access.{{ m.reach }}_within(access.reach('{{ m.governing }}', '{{ action }}'), {{ row }}, me, keys)
{%- endmacro -%}
{% macro in_trash() -%}
  {% if m.reach == 'record' -%}
  e.owner_id, e.creator, access.team_key(e.team_id, e.open_to_all)
  {%- elif m.reach == 'asset' -%}
  e.owner_id, e.creator, e.restricted, e.team_ids
  {%- else -%}
  e.creator
  {%- endif %}
{%- endmacro -%}
{% set needed = (m.needed('delete'),) + (('view_sensitive',) if m.sensitive else ()) -%}
-- Concern: erasing a person of whom rows of {{ m.name }} tell (docs/erasure.md): the rows, all that belongs to them and all that is
-- about that person alone, wherever it is, in the trash too. Nothing of it can be restored.
{% if m in registry.erased %}
create or replace function access_private.erase_rows_{{ m.name }}(account uuid, ids uuid[]) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  {% if registry.personal_to(m) -%}
  about uuid[];
  {% endif -%}
  erased bigint := 0;
begin
  {% for other, link in registry.personal_to(m) -%}
  about := array(
    select t.id from crm.{{ other.name }} t where t.account_id = account and t.{{ link.column }} = any (ids)
    union
    -- What let go of a person who is in the trash, and is about nobody else meanwhile.
    select l.holder_id from access_private.trash_link l
     where l.account_id = account and l.source = '{{ other.name }}' and l.attribute = '{{ link.column }}' and l.target_id = any (ids)
       and not exists (
         select from crm.{{ other.name }} t
          where t.account_id = account and t.id = l.holder_id and t.{{ link.column }} <> all (ids)
       )
    union
    select e.row_id from access.trash e
     where e.account_id = account and e.module = '{{ other.name }}' and (e.content ->> '{{ link.column }}')::uuid = any (ids)
  );
  if about <> '{}' then
    erased := erased + access_private.erase_rows_{{ other.name }}(account, about);
  end if;
  {% endfor -%}
  delete from crm.{{ m.name }} t where t.account_id = account and t.id = any (ids);
  erased := erased + access_private.purge_entries(account, array(
    select e.id from access.trash e where e.account_id = account and e.module = '{{ m.name }}' and e.row_id = any (ids)
    {% for child, link in registry.belonging_to(m) -%}
    union
    select e.id from access.trash e
     where e.account_id = account and e.module = '{{ child.name }}' and (e.content ->> '{{ link.column }}')::uuid = any (ids)
    {% endfor %}
  ));
  -- What referred to them and was deleted before them knows nothing of them either.
  delete from access_private.trash_link l where l.account_id = account and l.target_id = any (ids);
  update access.share s set reason = null
   where s.account_id = account and s.module = '{{ m.name }}' and s.row_id = any (ids) and s.reason is not null;
  update access.access_log l set reason = null
   where l.account_id = account and l.module = '{{ m.name }}' and l.row_id = any (ids) and l.reason is not null;
  delete from access.import_key k where k.account_id = account and k.module = '{{ m.name }}' and k.row_id = any (ids);
  return erased;
end $$;
comment on function access_private.erase_rows_{{ m.name }}(uuid, uuid[]) is
  'Removes rows, there or in the trash, with all that is about them alone, and what people wrote about them elsewhere; how many rows.';
{% endif %}
{% if m.known_as %}
create or replace function access.erase_{{ m.name }}(account uuid, subject uuid) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  bound boolean := session_user = 'cloison_gateway';
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  r crm.{{ m.name }};
  names text[];
  erased bigint;
begin
  if bound then
    if account is distinct from access.account_id() then
      perform access.not_found('accounts');
    end if;
    {% for action in needed -%}
    if access.reach('{{ m.governing }}', '{{ action }}') = 0 then
      perform access.forbid('{{ m.governing }}', '{{ action }}');
    end if;
    {% endfor -%}
    -- All that is about the person goes, seen or unseen: so whoever erases may delete all of it.
    {% for other in registry.erased if other.name != m.name -%}
    {% if registry.erased_with(m, other) -%}
    if access.reach('{{ other.governing }}', '{{ other.needed('delete') }}') & 1 = 0 then
      perform access.forbid('{{ other.governing }}', '{{ other.needed('delete') }}');
    end if;
    {% endif -%}
    {% endfor -%}
  end if;
  select t.* into r from crm.{{ m.name }} t
   where t.account_id = account and t.id = subject
     and (
       not bound
       or {{ within('view', m.reach_of('t')) }}
       {%- for module, column in m.share_keys %}
       or access.is_shared('{{ m.governing }}', 'view', '{{ module }}', t.{{ column }})
       {%- endfor %}
     )
     for update;
  if found then
    {% for action in needed -%}
    if bound and not {{ within(action, m.reach_of('r')) }} then
      perform access.forbid('{{ m.governing }}', '{{ action }}');
    end if;
    {% endfor -%}
  else
    select (jsonb_populate_record(null::crm.{{ m.name }}, e.content)).* into r from access.trash e
     where e.account_id = account and e.module = '{{ m.name }}' and e.row_id = subject
       and (
         not bound
         or {% for action in needed %}{{ 'and ' if not loop.first }}{{ within(action, in_trash()) }}
         {% endfor %}
       )
     order by e.deleted_at desc limit 1;
    if r.id is null then
      perform access.not_found('{{ m.name }}');
    end if;
  end if;
  names := array[
    {%- for columns in m.known_as %}
    concat_ws(' ', {% for column in columns %}r.{{ column }}{{ ', ' if not loop.last }}{% endfor %}){{ ',' if not loop.last }}
    {%- endfor %}
  ];
  perform access_private.refuse_named_reason(names);
  erased := access_private.erase_rows_{{ m.name }}(account, array[subject]);
  {% for columns in m.known_as if columns | length == 1 and m.column(columns[0]).lowercase -%}
  -- Whoever erases may delete every conversation, as was asked for above.
  perform access_private.erase_mentions(account, array[r.{{ columns[0] }}], true);
  {% endfor -%}
  perform access_private.log_row(account, 'erasure', '{{ m.name }}', subject, null, jsonb_build_object('rows', erased));
  return erased;
end $$;
comment on function access.erase_{{ m.name }}(uuid, uuid) is
  'Removes for good all that the account knows of the person who is this row, there or in the trash; how many rows. For operators, and for members who may delete and view_sensitive it, and delete all that is about it.';
{% endif %}
