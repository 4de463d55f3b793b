{% macro value(column, holder) -%}
{%- if column.lowercase -%}
lower(({{ holder }} ->> '{{ column.name }}') collate "default")
{%- elif column.type.value == 'text' -%}
{{ holder }} ->> '{{ column.name }}'
{%- else -%}
({{ holder }} ->> '{{ column.name }}')::{{ column.type.value }}
{%- endif -%}
{%- endmacro -%}
{%- set inner = "(g.item -> 'sensitive')" -%}
{%- set keys = "g.item ->> 'key'" -%}
{%- set existing_id = "(existing ->> (g.item ->> 'key'))::uuid" -%}
-- Concern: rows of {{ m.name }} from elsewhere, by the keys that they have there. Invoker: rows and keys pass the policies and the
-- walls that a single row passes. A set is tried whole, and halved where something of it is refused until the rows are found
-- that are, so that one row costs no other. What is refused is told as the database said it: the gateway has one table of
-- errors.
{% if 'import' in m.action_names %}
create or replace function access.import_{{ m.name }}(source_name text, given jsonb, updates boolean default false) returns jsonb
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  most_refused constant integer := 100;
  account uuid := access.account_id();
  me uuid := access.user_id();
  creates boolean := access.reach('{{ m.name }}', '{{ m.needed('create') }}') <> 0;
  -- In the order of their keys, and each one's place in what was given.
  items jsonb[];
  places integer[];
  -- Ranges of items; the last one is tried first, and is that of the first keys.
  lows integer[] := array[1];
  highs integer[];
  low integer;
  high integer;
  slice jsonb[];
  doing text;
  created jsonb;
  created_ids uuid[];
  existing jsonb;
  turned_ids uuid[];
  held_ids uuid[];
  written_ids uuid[] := '{}';
  verdicts jsonb := '[]';
  counts jsonb := '{"CREATED": 0, "UPDATED": 0, "UNCHANGED": 0, "REFUSED": 0}';
  seen_ids uuid[];
  state text;
  message text;
  detail text;
  of_column text;
  of_constraint text;
  of_table text;
begin
  if (access.reach('{{ m.name }}', 'import') <> 0) is not true then
    perform access.forbid('{{ m.name }}', 'import');
  end if;
  perform access.check_import(
    source_name, given,
    array['{{ m.own_columns | join("', '") }}', '{{ m.inputs | map(attribute='name') | join("', '") }}'],
    {% if m.sensitive %}array['{{ m.sensitive | map(attribute='name') | join("', '") }}']{% else %}'{}'{% endif %},
    {% if m.to_many %}array['{{ m.to_many | map(attribute='target_column') | join("', '") }}']{% else %}'{}'{% endif %}
  );
  -- So that two who import the same wait for each other in turn, also where what is refused splits the set.
  select coalesce(array_agg(g.item order by {{ keys }} collate "C"), '{}'),
         coalesce(array_agg(g.place::integer - 1 order by {{ keys }} collate "C"), '{}')
    into items, places
    from jsonb_array_elements(given) with ordinality as g (item, place);
  highs := array[cardinality(items)];
  while cardinality(lows) > 0 loop
    low := lows[cardinality(lows)];
    high := highs[cardinality(highs)];
    lows := trim_array(lows, 1);
    highs := trim_array(highs, 1);
    continue when low > high;
    slice := items[low:high];
    begin
      created := '{}';
      created_ids := '{}';
      doing := 'import';
      select coalesce(jsonb_object_agg(k.key, t.id), '{}')
        into existing
        from access.import_key k
        join crm.{{ m.name }} t on t.account_id = k.account_id and t.id = k.row_id
       where k.account_id = account and k.source = source_name and k.module = '{{ m.name }}'
         and k.key = any (array(select {{ keys }} from unnest(slice) as g (item)));
      -- The table is not written where there is nothing to write: without create, that is refused for no row, too.
      if creates and exists (select from unnest(slice) as g (item) where not existing ? ({{ keys }})) then
        doing := '{{ m.needed('create') }}';
        -- In the order of their keys, so that two who import the same wait for each other in turn.
        with claimed as (
          insert into access.import_key (account_id, source, module, key, row_id)
          select account, source_name, '{{ m.name }}', {{ keys }}, access.uuid_v7()
            from unnest(slice) as g (item)
           where not existing ? ({{ keys }})
           order by {{ keys }} collate "C"
          on conflict (account_id, source, module, key) do nothing
          returning key, row_id
        ), landed as (
          insert into crm.{{ m.name }} (
            id, {{ m.own_columns | join(', ') }}, {{ m.inputs | map(attribute='name') | join(', ') }}
          )
          select c.row_id,
                 case when g.item ? 'owner_id' then (g.item ->> 'owner_id')::uuid else me end,
                 (g.item ->> 'team_id')::uuid,
                 coalesce((g.item ->> 'open_to_all')::boolean, false)
                 {%- for column in m.inputs %},
                 {% if column.default is none -%}
                 {{ value(column, 'g.item') }}
                 {%- else -%}
                 case when g.item ? '{{ column.name }}' then {{ value(column, 'g.item') }} else '{{ column.default }}' end
                 {%- endif %}
                 {%- endfor %}
            from unnest(slice) with ordinality as g (item, place)
            join claimed c on c.key = {{ keys }}
           order by g.place
          returning 1
        )
        select coalesce(jsonb_object_agg(c.key, c.row_id), '{}'), coalesce(array_agg(c.row_id), '{}')
          into created, created_ids
          from claimed c
         where (select count(*) from landed) > 0;
        -- What somebody else has brought meanwhile.
        if exists (select from unnest(slice) as g (item) where not existing || created ? ({{ keys }})) then
          select coalesce(jsonb_object_agg(k.key, t.id), '{}')
            into existing
            from access.import_key k
            join crm.{{ m.name }} t on t.account_id = k.account_id and t.id = k.row_id
           where k.account_id = account and k.source = source_name and k.module = '{{ m.name }}'
             and k.key = any (array(select {{ keys }} from unnest(slice) as g (item)))
             and not created ? k.key;
        end if;
      end if;
      held_ids := '{}';
      if updates and existing <> '{}' then
        doing := 'update';
        turned_ids := array(
          select t.id
            from unnest(slice) as g (item)
            join crm.{{ m.name }} t on t.account_id = account and t.id = {{ existing_id }}
            {%- if m.sensitive %}
            left join {{ m.sensitive_table }} s on s.account_id = t.account_id and s.id = t.id
            {%- endif %}
           where false
              {%- for column in m.changes %}
              or g.item ? '{{ column.name }}' and {{ value(column, 'g.item') }} is distinct from t.{{ column.name }}
              {%- endfor %}
              {%- for column in m.sensitive %}
              or {{ inner }} ? '{{ column.name }}' and {{ value(column, inner) }} is distinct from s.{{ column.name }}
              {%- endfor %}
              {%- for link in m.to_many %}
              or exists (
                select from jsonb_array_elements_text(g.item -> '{{ link.target_column }}') as far (id)
                 where not exists (
                   select from crm.{{ link.through }} x
                    where x.account_id = t.account_id and x.{{ link.column }} = t.id and x.{{ link.target_column }} = far.id::uuid
                 )
              )
              {%- endfor %}
        );
        -- A row that one may not change is not locked.
        held_ids := array(
          select t.id from crm.{{ m.name }} t
           where t.account_id = account and t.id = any (turned_ids) order by t.id for update
        );
        if cardinality(held_ids) < cardinality(turned_ids) then
          perform access.forbid('{{ m.name }}', 'update');
        end if;
        update crm.{{ m.name }} t
           set {% for column in m.changes -%}
               {{ column.name }} = case when g.item ? '{{ column.name }}' then {{ value(column, 'g.item') }} else t.{{ column.name }} end
               {%- if not loop.last %},
               {% endif %}
               {%- endfor %}
          from unnest(slice) as g (item)
         where t.account_id = account and t.id = any (held_ids) and t.id = {{ existing_id }};
      end if;
      {% if m.sensitive -%}
      if exists (select from unnest(slice) as g (item) where g.item ? 'sensitive') then
        doing := 'view_sensitive';
        update {{ m.sensitive_table }} s
           set {% for column in m.sensitive -%}
               {{ column.name }} = case when {{ inner }} ? '{{ column.name }}' then {{ value(column, inner) }} else s.{{ column.name }} end
               {%- if not loop.last %},
               {% endif %}
               {%- endfor %}
          from unnest(slice) as g (item)
         where s.account_id = account and s.id = any (held_ids) and s.id = {{ existing_id }} and g.item ? 'sensitive';
        insert into {{ m.sensitive_table }} (id, {{ m.sensitive | map(attribute='name') | join(', ') }})
        select r.id{% for column in m.sensitive %}, {{ value(column, inner) }}{% endfor %}
          from unnest(slice) as g (item),
               lateral (select (coalesce(created ->> ({{ keys }}), existing ->> ({{ keys }})))::uuid as id) r
         where g.item ? 'sensitive' and r.id = any (created_ids || held_ids)
           and not exists (select from {{ m.sensitive_table }} s where s.account_id = account and s.id = r.id)
        on conflict (account_id, id) do update
          set {% for column in m.sensitive %}{{ column.name }} = excluded.{{ column.name }}{{ ', ' if not loop.last }}{% endfor %};
      end if;
      {% endif -%}
      {% for link in m.to_many -%}
      if exists (select from unnest(slice) as g (item) where g.item ? '{{ link.target_column }}') then
        doing := 'update';
        insert into crm.{{ link.through }} ({{ link.column }}, {{ link.target_column }})
        select r.id, far.id::uuid
          from unnest(slice) as g (item),
               lateral (select (coalesce(created ->> ({{ keys }}), existing ->> ({{ keys }})))::uuid as id) r,
               jsonb_array_elements_text(g.item -> '{{ link.target_column }}') as far (id)
         where r.id = any (created_ids || held_ids)
        on conflict do nothing;
      end if;
      {% endfor -%}
      written_ids := written_ids || created_ids || held_ids;
      verdicts := verdicts || (
        select jsonb_agg(
          jsonb_build_object('place', places[low + g.place - 1]) || case
            when created ? ({{ keys }}) then jsonb_build_object('outcome', 'CREATED', 'row', created -> ({{ keys }}))
            when {{ existing_id }} = any (held_ids) then jsonb_build_object('outcome', 'UPDATED', 'row', existing -> ({{ keys }}))
            when existing ? ({{ keys }}) then jsonb_build_object('outcome', 'UNCHANGED', 'row', existing -> ({{ keys }}))
            when not creates then
              '{"outcome": "REFUSED", "state": "U0403", "detail": {"module": "{{ m.name }}", "action": "{{ m.needed('create') }}"}}'
            -- The key is that of a row that is hidden, or was deleted.
            else '{"outcome": "REFUSED", "state": "U0404", "detail": {"module": "{{ m.name }}"}}'
          end
        )
          from unnest(slice) with ordinality as g (item, place)
      );
    exception
      when data_exception or integrity_constraint_violation or insufficient_privilege or sqlstate 'U0000' then
        get stacked diagnostics
          state = returned_sqlstate, message = message_text, detail = pg_exception_detail, of_column = column_name,
          of_constraint = constraint_name, of_table = table_name;
        if low < high then
          lows := lows || ((low + high) / 2 + 1) || low;
          highs := highs || high || ((low + high) / 2);
        else
          if state = '42501' then
            -- A policy does not say which action is missing.
            state := 'U0403';
            detail := jsonb_build_object('module', '{{ m.name }}', 'action', doing)::text;
          end if;
          verdicts := verdicts || jsonb_strip_nulls(jsonb_build_object(
            'place', places[low], 'outcome', 'REFUSED', 'state', state, 'message', message,
            'detail', case when state like 'U0%' then nullif(detail, '')::jsonb end,
            'column', nullif(of_column, ''), 'constraint', nullif(of_constraint, ''), 'table', nullif(of_table, '')
          ));
        end if;
    end;
    if jsonb_path_query_array(verdicts, '$[*] ? (@.outcome == "REFUSED" && exists (@.message))') -> most_refused is not null then
      perform access.limit_exceeded('refused_rows', most_refused, most_refused + 1);
    end if;
  end loop;
  select counts || coalesce(jsonb_object_agg(v.outcome, v.rows), '{}')
    into counts
    from (
      select v.verdict ->> 'outcome' as outcome, count(*) as rows
        from jsonb_array_elements(verdicts) as v (verdict) group by 1
    ) v;
  seen_ids := array(
    select t.id from crm.{{ m.name }} t where t.account_id = account and t.id = any (written_ids) order by t.id
  );
  return jsonb_build_object(
    'module', '{{ m.name }}', 'type', '{{ m.type_name }}',
    'created', counts -> 'CREATED', 'updated', counts -> 'UPDATED', 'unchanged', counts -> 'UNCHANGED',
    'refused', counts -> 'REFUSED', 'hidden', cardinality(written_ids) - cardinality(seen_ids),
    'ids', to_jsonb(seen_ids), 'verdicts', verdicts
  );
end $$;
comment on function access.import_{{ m.name }}(text, jsonb, boolean) is
  'Makes rows of objects with a key and columns, where the source has none of that key yet; with `updates`, changes those that there are. What became of each: created, updated, unchanged or refused, and why. U0403 without import, U0413 where more than a hundred are refused.';
{% endif %}
