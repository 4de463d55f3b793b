{%- set most = 1001 -%}
{%- set given = 'seen_of_' ~ m.name -%}
{%- set member, mask, keys = given ~ '.member', given ~ '.mask', given ~ '.keys' -%}
{%- macro counted(condition) -%}
(
      select count(*) from (
        select from crm.{{ m.name }} t
         where t.account_id = access.account_id(){{ ' and ' ~ condition if condition }}
         limit {{ most }}
      ) r
    )
{%- endmacro -%}
-- Concern: how many of the rows of {{ m.name }} that the caller sees somebody else reaches, and by what; none is counted
-- that the caller does not see. Invoker: it counts under the caller's policies. To a thousand and one, which says: more,
-- and only by the scopes that are held.
-- As text, so that no column of the table is held by it; parameters by their full names, before which columns would come.
create or replace function access.seen_of_{{ m.name }}(
  member uuid, mask integer, keys uuid[],
  out seen bigint, out reached bigint, out of_teams bigint, out owned bigint, out created bigint, out unassigned bigint,
  out elsewhere bigint
)
  language sql stable parallel safe
as $$
    select
    {{ counted('') }},
    {{ counted(mask ~ " <> 0 and access." ~ m.reach ~ "_within(" ~ mask ~ ", " ~ m.reach_of('t') ~ ", " ~ member ~ ", " ~ keys ~ ")") }},
    {% if m.reach == 'record' -%}
    {{ counted(mask ~ " & 3 = 2 and (t.team_key = any (" ~ keys ~ ") or t.owner_id = " ~ member ~ ")") }},
    {% elif m.reach == 'asset' -%}
    {{ counted(mask ~ " & 3 = 2 and access.asset_within(2, " ~ m.reach_of('t') ~ ", " ~ member ~ ", " ~ keys ~ ")") }},
    {% else -%}
    0::bigint,
    {% endif -%}
    {% if m.own_columns -%}
    {{ counted(mask ~ " & 5 = 4 and t.owner_id = " ~ member) }},
    {{ counted(mask ~ " & 9 = 8 and t." ~ m.creator ~ " = " ~ member) }},
    {{ counted(mask ~ " & 17 = 16 and t.owner_id is null" ~ (" and not t.restricted" if m.reach == 'asset' else "")) }},
    {% else -%}
    0::bigint, 0::bigint, 0::bigint,
    {% endif -%}
    {% if m.reach == 'asset' -%}
    {{ counted(mask ~ " & 3 = 2 and t.restricted and not access.asset_within(" ~ mask ~ ", " ~ m.reach_of('t') ~ ", " ~ member ~ ", " ~ keys ~ ")") }}
    {%- else -%}
    0::bigint
    {%- endif %};
$$;
comment on function access.seen_of_{{ m.name }}(uuid, integer, uuid[]) is
  'Of the rows that the session sees: how many a member reaches with these scopes and teams, by which, and which restricted ones he does not; each up to {{ most }}.';
