{% macro both(here, there) -%}
  access.{{ m.reach }}_within({{ here }}, {{ m.reach_of('t') }}, me, keys)
       and not access.{{ m.reach }}_within({{ there }}, {{ m.reach_of('t') }}, me, other_keys)
{%- endmacro -%}
{# As the macro before, from the other side. #}
{%- macro back(here, there) -%}
  access.{{ m.reach }}_within({{ there }}, {{ m.reach_of('t') }}, me, other_keys)
       and not access.{{ m.reach }}_within({{ here }}, {{ m.reach_of('t') }}, me, keys)
{%- endmacro -%}
{% macro as_text(condition) -%}
  {{ condition | replace(' me', ' $1') | replace('other_keys', '$3') | replace(' keys', ' $2') | replace('\n', ' ') }}
{%- endmacro -%}
{% macro of_teams(keys) -%}
  {% if m.reach == 'record' %}t.team_key = any ({{ keys }}){% else %}t.restricted and t.team_ids && {{ keys }}{% endif %}
{%- endmacro -%}
{% macro sampled(condition) -%}
(
      select coalesce(jsonb_agg(jsonb_build_object(
               'id', s.id, 'label', s.label, 'keys', s.keys
               {%- if m.own_columns %}, 'owner', s.owner_id, 'creator', s.creator, 'restricted', s.restricted{% endif %}
             )), '[]')
        from (
          select t.id, left(t.{{ m.label }}, 200) as label,
                 {% if not m.own_columns %}'{}'::uuid[] as keys
                 {%- else %}t.owner_id, t.{{ m.creator }} as creator,
                 {% if m.reach == 'record' %}array[t.team_key] as keys, true as restricted{% else %}t.team_ids as keys, t.restricted{% endif %}
                 {%- endif %}
            from crm.{{ m.name }} t
           where t.account_id = account and {{ condition }}
           limit 10
        ) s
    )
{%- endmacro -%}
-- Concern: counting rows of {{ m.name }} for a dry run (X2): those that the session reaches, and would not with other scopes and
-- teams. Invoker: policies say which rows there are, conditions only find those of which it makes a difference. Text is
-- composed of numbers, so that scopes are constants to the planner, as they are in policies.

create or replace function access.preview_of_{{ m.name }}(asked jsonb) returns jsonb
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  account uuid := access.account_id();
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  own integer[] := array(select x::integer from jsonb_array_elements_text(asked -> 'own') x);
  other integer[] := array(select x::integer from jsonb_array_elements_text(asked -> 'other') x);
  less uuid[] := array(select x::uuid from jsonb_array_elements_text(asked -> 'less') x);
  more uuid[] := array(select x::uuid from jsonb_array_elements_text(asked -> 'more') x);
  special uuid[] := array(select x::uuid from jsonb_array_elements_text(asked -> 'special') x);
  {% if m.own_columns -%}
  these uuid[] := array(select x::uuid from jsonb_array_elements_text(asked -> 'these') x);
  {% endif -%}
  -- What the session would reach, where it loses what it gained and gets back what it lost.
  other_keys uuid[] := array(select k from unnest(keys) k where k <> all (less)) || more;
  counts text;
  conditions text := '';
  answer jsonb;
begin
  {% if m.own_columns -%}
  if asked ->> 'mode' = 'near' then
    return (
      select jsonb_agg(c.number order by c.place)
        from (
          select p.place, count(t.id) filter (
                   where case when p.place = 1 then {{ back('p.here', 'p.there') }} else {{ both('p.here', 'p.there') }} end
                 ) as number
            from unnest(own[1] || own, other[1] || other) with ordinality p (here, there, place)
            left join crm.{{ m.name }} t
              on t.account_id = account and (t.owner_id = any (me || these) or t.{{ m.creator }} = any (me || these))
             and t.id <> all (special)
           group by p.place
        ) c
    );
  end if;
  {% endif -%}
  counts := format('count(*) filter (where {{ as_text(back("%1$s", "%2$s")) }})', own[1], other[1]);
  for place in 1 .. cardinality(own) loop
    counts := counts || format(', count(*) filter (where {{ as_text(both("%1$s", "%2$s")) }})', own[place], other[place]);
  end loop;
  if cardinality(special) > 0 then
    conditions := conditions || ' and t.id <> all ($5)';
  end if;
  {% if m.own_columns -%}
  if (asked ->> 'narrow')::boolean then
    conditions := conditions || ' and {{ of_teams('$6') }}';
  end if;
  if asked ->> 'mode' in ('others', 'of') then
    conditions := conditions || ' and (t.owner_id = $1 or t.{{ m.creator }} = $1) is not true';
  end if;
  if asked ->> 'mode' = 'of' then
    execute 'select coalesce(jsonb_object_agg(k.who, c.counted), ''{}'') from unnest($7) k (who) cross join lateral (select jsonb_build_array('
      || counts || ') as counted from crm.{{ m.name }} t where t.account_id = $4 and (t.owner_id = k.who or t.{{ m.creator }} = k.who)'
      || conditions || ') c'
      into answer using me, keys, other_keys, account, special, less || more, these;
    return answer;
  end if;
  {% endif -%}
  execute 'select jsonb_build_array(' || counts || ') from crm.{{ m.name }} t where t.account_id = $4' || conditions
    into answer using me, keys, other_keys, account, special, less || more;
  return answer;
end $$;
comment on function access.preview_of_{{ m.name }}(jsonb) is
  'For a dry run: how many rows the session sees that other scopes would reach and its own do not, and for each action how many it reaches and others would not.';

create or replace function access.possible_{{ m.name }}(asked jsonb) returns jsonb
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  account uuid := access.account_id();
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  {% for action in registry.previewed(m)[1:] -%}
  mask_{{ loop.index }} integer := access.reach('{{ m.governing }}', '{{ action }}');
  {% endfor %}
begin
  return (
    select jsonb_build_array(
             string_agg(case when t.id is null then '0' else '1' end, '' order by r.place)
             {%- for action in registry.previewed(m)[1:] %},
             {% set mask = 'mask_' ~ loop.index -%}
             string_agg(case when t.id is not null and (
               {% if action == 'view_sensitive' %}{{ mask }} & 64 <> 0 or {% endif -%}
               access.{{ m.reach }}_within({{ mask }}, {{ m.reach_of('t') }}, me, keys)
               {%- for module, column in m.share_keys %}
               or {{ mask }} & 32 <> 0 and access.is_shared('{{ m.governing }}', '{{ action }}', '{{ module }}', t.{{ column }})
               {%- endfor %}
             ) then '1' else '0' end, '' order by r.place)
             {%- endfor %}
           )
      from unnest(array(select x::uuid from jsonb_array_elements_text(asked -> 'ids') x)) with ordinality r (id, place)
      left join crm.{{ m.name }} t on t.account_id = account and t.id = r.id
  );
end $$;
comment on function access.possible_{{ m.name }}(jsonb) is
  'For a dry run: for each action a text of a 1 or a 0 for each of the rows, as the session may do it there or not.';

-- As the caller, so that it is of rows that he sees.
create or replace function access.preview_sample_{{ m.name }}(asked jsonb) returns jsonb
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_variable
declare
  account uuid := access.account_id();
  me uuid := (asked ->> 'member')::uuid;
  keys uuid[] := array(select x::uuid from jsonb_array_elements_text(asked -> 'keys') x);
  other_keys uuid[] := array(select x::uuid from jsonb_array_elements_text(asked -> 'other_keys') x);
  special uuid[] := array(select x::uuid from jsonb_array_elements_text(asked -> 'special') x);
  ids uuid[] := array(select x::uuid from jsonb_array_elements_text(asked -> 'ids') x);
  here integer := (asked ->> 'here')::integer;
  there integer := (asked ->> 'there')::integer;
begin
  if asked ? 'ids' then
    return {{ sampled("t.id = any (ids)") }};
  end if;
  return {{ sampled("t.id <> all (special) and " ~ both('here', 'there')) }};
end $$;
comment on function access.preview_sample_{{ m.name }}(jsonb) is
  'For a dry run: up to ten rows that the session sees itself, of those with these ids, or of those that a member reaches one way and not the other.';
