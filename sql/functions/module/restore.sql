{% macro seen(target, row) -%}
  (access.{{ target.reach }}_within(access.reach('{{ target.governing }}', 'view'), {{ target.reach_of(row) }}, me, keys)
  {%- for module, column in target.share_keys %}
        or access.is_shared('{{ target.governing }}', 'view', '{{ module }}', {{ row }}.{{ column }})
  {%- endfor %})
{%- endmacro -%}
{% macro within(action) -%}
  {% if m.reach == 'record' -%}
  access.record_within(access.reach('{{ m.governing }}', '{{ action }}'), e.owner_id, e.creator, access.team_key(e.team_id, e.open_to_all), me, keys)
  {%- elif m.reach == 'asset' -%}
  access.asset_within(access.reach('{{ m.governing }}', '{{ action }}'), e.owner_id, e.creator, e.restricted, e.team_ids, me, keys)
  {%- else -%}
  access.shared_within(access.reach('{{ m.governing }}', '{{ action }}'), e.creator, me, keys)
  {%- endif %}
{%- endmacro -%}
-- Concern: rows of {{ m.name }} come back from the trash, or go for good. Who may delete a row, as it was, may do either. The
-- engine does it, after the checks that every new row passes: what the row refers to has to be there and seen, its owner a
-- member, its teams teams, its values such as they may be today. It is not published, does not run and is not connected,
-- whatever it was; what was sent stays sent.

create or replace function access_private.bring_back_{{ m.name }}(entries uuid[]) returns text[]
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid := access.account_id();
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  entry access.trash;
  r crm.{{ m.name }};
  wanted uuid;
  left_out text[] := '{}';
  at_fault text;
begin
  for entry in
    select e.* from access.trash e
     where e.account_id = account and e.id = any (entries) and e.module = '{{ m.name }}' order by e.id
  loop
    begin
      -- What came after it was deleted begins as in a new row.
      r := jsonb_populate_record(
        null::crm.{{ m.name }},
        jsonb_build_object({% for column in m.columns if column.default is not none %}'{{ column.name }}', '{{ column.default }}'{{ ', ' if not loop.last }}{% endfor %}) || entry.content
      );
    exception when data_exception then
      perform access.conflict('what was deleted does not fit what {{ m.name | replace("_", " ") }} are today');
    end;
    {% if m.kind in ('record', 'asset') -%}
    r.owner_id := entry.owner_id;
    if r.owner_id is not null and not exists (
      select from access.membership p where p.account_id = account and p.user_id = r.owner_id and p.valid @> clock_timestamp()
    ) then
      r.owner_id := null;
      left_out := left_out || 'owner_id'::text;
    end if;
    {% if m.kind == 'record' -%}
    r.team_id := entry.team_id;
    if r.team_id is not null and not exists (
      select from access.team t where t.account_id = account and t.id = r.team_id and t.deleted_at is null
    ) then
      r.team_id := null;
      left_out := left_out || 'team_id'::text;
    end if;
    {% else -%}
    r.team_ids := array(
      select given.id from unnest(entry.team_ids) with ordinality given (id, place)
       where exists (select from access.team t where t.account_id = account and t.id = given.id and t.deleted_at is null)
       order by given.place
    );
    if r.team_ids <> entry.team_ids then
      left_out := left_out || 'team_ids'::text;
    end if;
    {% endif -%}
    {% endif -%}
    {% for link in m.parents -%}
    {% set target = registry.by_name[link.target] -%}
    if r.{{ link.column }} is not null and entry.part_of is null and not exists (
      select from crm.{{ link.target }} t
       where t.account_id = account and t.id = r.{{ link.column }}
         and {{ seen(target, 't') }}
    ) then
      perform access.not_found('{{ link.target }}', '{{ link.column }}');
    end if;
    {% endfor -%}
    {% for link in m.to_one if not link.parent -%}
    {% set target = registry.by_name[link.target] -%}
    wanted := coalesce(r.{{ link.column }}, (
      select l.target_id from access_private.trash_link l
       where l.account_id = account and l.source = '{{ m.name }}' and l.attribute = '{{ link.column }}' and l.holder_id = r.id
       limit 1
    ));
    if wanted is not null then
      if {% if link.target == m.name %}wanted = r.id or {% endif %}exists (
        select from crm.{{ link.target }} t
         where t.account_id = account and t.id = wanted
           and {{ seen(target, 't') }}
      ) then
        r.{{ link.column }} := wanted;
      else
        if r.{{ link.column }} is not null then
          r.{{ link.column }} := null;
          left_out := left_out || '{{ link.column }}'::text;
        end if;
        -- Should it come back too, they are linked again.
        if exists (
          select from access.trash e
           where e.account_id = account and e.row_id = wanted and e.module = '{{ link.target }}' and not e.restoring
        ) then
          insert into access_private.trash_link (account_id, source, attribute, holder_id, target_id)
          values (account, '{{ m.name }}', '{{ link.column }}', r.id, wanted)
              on conflict do nothing;
        end if;
      end if;
    end if;
    {% endfor -%}
    {% for column in m.resting -%}
    r.{{ column.name }} := {% if column.default is not none %}'{{ column.default }}'{% else %}null{% endif %};
    {% endfor -%}
    {% for state, columns in m.done -%}
    if r.{{ state.name }} not in ('{{ state.choices[0] }}', '{{ state.choices[-1] }}') then
      {% for column in columns -%}
      r.{{ column.name }} := {% if column.default is not none %}'{{ column.default }}'{% else %}null{% endif %};
      {% endfor -%}
    end if;
    {% endfor -%}
    r.version := r.version + 1;
    r.updated_at := now();
    {% if m.own_columns -%}
    -- While it was in the trash it was nobody's.
    r.assigned_at := clock_timestamp();
    {% endif -%}
    begin
      insert into crm.{{ m.name }} ({{ m.stored | join(', ') }})
      values ({% for name in m.stored %}{{ 'account' if name == 'account_id' else 'r.' ~ name }}{{ ', ' if not loop.last }}{% endfor %})
          on conflict do nothing;
      if not found then
        perform access.conflict('there is such a row already');
      end if;
      {% if m.sensitive -%}
      insert into {{ m.sensitive_table }} (account_id, id{% for column in m.sensitive %}, {{ column.name }}{% endfor %})
        select account, r.id{% for column in m.sensitive %}, s.{{ column.name }}{% endfor %}
          from access.trash_sensitive x, jsonb_populate_record(null::{{ m.sensitive_table }}, x.content) s
         where x.account_id = account and x.id = entry.id
            on conflict do nothing;
      {% endif -%}
    exception when check_violation or not_null_violation or data_exception then
      get stacked diagnostics at_fault = message_text;
      perform access.conflict('what was deleted does not fit what {{ m.name | replace("_", " ") }} are today: ' || at_fault);
    end;
    {% for child, link in registry.belonging_to(m) -%}
    perform access_private.bring_back_{{ child.name }}(array(
      select e.id from access.trash e
       where e.account_id = account and e.part_of = entry.id and e.module = '{{ child.name }}'
    ));
    {% endfor -%}
    perform access_private.link_{{ m.name }}(account, r.id);
  end loop;
  return left_out;
end $$;
comment on function access_private.bring_back_{{ m.name }}(uuid[]) is
  'Makes rows of entries of the trash, with what belonged to them; the columns that could not be as they were.';

-- Seen or unseen by whoever restores, who is not told how many, as when they let go.
create or replace function access_private.link_{{ m.name }}(account uuid, restored uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  {% for other in registry.modules -%}
  {% for link in other.to_one if link.target == m.name and not link.parent -%}
  update crm.{{ other.name }} t set {{ link.column }} = restored
    from access_private.trash_link l
   where l.account_id = account and l.target_id = restored and l.source = '{{ other.name }}' and l.attribute = '{{ link.column }}'
     and t.account_id = l.account_id and t.id = l.holder_id and t.{{ link.column }} is null;
  delete from access_private.trash_link l
   where l.account_id = account and l.target_id = restored and l.source = '{{ other.name }}' and l.attribute = '{{ link.column }}'
     and exists (select from crm.{{ other.name }} t where t.account_id = l.account_id and t.id = l.holder_id);
  {% endfor -%}
  {% for link in other.to_many -%}
  {% for end in (['holder_id'] if other.name == m.name else []) + (['target_id'] if link.target == m.name else []) -%}
  with made as (
    delete from access_private.trash_link l
     where l.account_id = account and l.{{ end }} = restored and l.source = '{{ link.through }}' and l.attribute = ''
       and exists (select from crm.{{ other.name }} t where t.account_id = l.account_id and t.id = l.holder_id)
       and exists (select from crm.{{ link.target }} t where t.account_id = l.account_id and t.id = l.target_id)
    returning l.account_id, l.holder_id, l.target_id
  )
  insert into crm.{{ link.through }} (account_id, {{ link.column }}, {{ link.target_column }})
    select p.account_id, p.holder_id, p.target_id from made p
        on conflict do nothing;
  {% endfor -%}
  {% endfor -%}
  {% endfor -%}
  {% for link in m.to_one if not link.parent -%}
  delete from access_private.trash_link l
   where l.account_id = account and l.source = '{{ m.name }}' and l.attribute = '{{ link.column }}' and l.holder_id = restored
     and not exists (
       select from access.trash e
        where e.account_id = account and e.row_id = l.target_id and e.module = '{{ link.target }}' and not e.restoring
     );
  {% endfor -%}
end $$;
comment on function access_private.link_{{ m.name }}(uuid, uuid) is
  'Links a restored row with what it let go of, where that is there and is linked to nothing else meanwhile.';

create or replace function access_private.entry_of_{{ m.name }}(deleted_row uuid) returns access.trash
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  entry access.trash;
begin
  if access.reach('{{ m.governing }}', '{{ m.needed('delete') }}') = 0 then
    perform access.forbid('{{ m.governing }}', '{{ m.needed('delete') }}');
  end if;
  -- What is hidden is not locked: who waits for a lock learns that there is something.
  select e.* into entry from access.trash e
   where e.account_id = access.account_id() and e.row_id = deleted_row and e.module = '{{ m.name }}' and e.part_of is null
     and {{ within(m.needed('delete')) }}
   order by e.deleted_at desc, e.id desc limit 1
     for update;
  if not found then
    if exists (
      select from crm.{{ m.name }} t
       where t.account_id = access.account_id() and t.id = deleted_row
         and {{ seen(m, 't') }}
    ) then
      perform access.conflict('it is not in the trash: it is there');
    end if;
    perform access.not_found('{{ m.name }}');
  end if;
  return entry;
end $$;
comment on function access_private.entry_of_{{ m.name }}(uuid) is
  'The entry of a deleted row, held until the end of the transaction, if the member may delete such a row; else U0403, U0404, or U0409 where the row is there.';

create or replace function access.restore_{{ m.name }}(deleted_row uuid) returns text[]
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  entry access.trash := access_private.entry_of_{{ m.name }}(deleted_row);
  left_out text[];
begin
  update access.trash e set restoring = true
   where e.account_id = entry.account_id and (e.id = entry.id or e.id = any (access_private.parts_of(entry.account_id, entry.id)));
  left_out := access_private.bring_back_{{ m.name }}(array[entry.id]);
  perform access_private.empty_of(entry.account_id, array[entry.id]);
  perform access_private.log_row(
    entry.account_id, 'restoration', '{{ m.name }}', deleted_row, null,
    (
      select jsonb_build_object({% for column in m.own_columns %}'{{ column }}', t.{{ column }}{{ ', ' if not loop.last }}{% endfor %})
        from crm.{{ m.name }} t where t.account_id = entry.account_id and t.id = deleted_row
    )
  );
  perform set_config('cloison.left_out', left_out::text, true);
  return left_out;
end $$;
comment on function access.restore_{{ m.name }}(uuid) is
  'Brings a deleted row back, with what belonged to it; the columns that could not be as they were. For who may delete it.';

create or replace function access.purge_{{ m.name }}(deleted_row uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  entry access.trash := access_private.entry_of_{{ m.name }}(deleted_row);
begin
  perform access_private.purge_entries(entry.account_id, array[entry.id]);
  perform access_private.log_row(
    entry.account_id, 'purge', '{{ m.name }}', deleted_row, jsonb_build_object('deleted_at', entry.deleted_at), null
  );
end $$;
comment on function access.purge_{{ m.name }}(uuid) is
  'Removes a deleted row from the trash, with what belonged to it, for good. For who may delete it.';
