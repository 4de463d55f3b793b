{% set longest = 4000 -%}
{% set most_lines = 1000 -%}
{% set most_sampled = 40 -%}
-- Concern: what is said of a dry run (X2): lines, totals, and samples with the reasons. Invoker: samples are rows that the caller
-- sees.

create or replace function access.preview_reason(
  mask integer, is_asset boolean, sampled jsonb, member uuid, keys uuid[], through jsonb
) returns text
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  zeros constant uuid := '00000000-0000-0000-0000-000000000000';
  of_row uuid[] := array(select x::uuid from jsonb_array_elements_text(sampled -> 'keys') x);
  restricted boolean := coalesce((sampled ->> 'restricted')::boolean, true);
  met uuid;
  own uuid;
begin
  if mask & 1 <> 0 then
    return 'scope all';
  end if;
  if mask & 6 <> 0 and (sampled ->> 'owner')::uuid = member then
    return 'owner';
  end if;
  if (mask & 8 <> 0 or is_asset and mask & 2 <> 0) and (sampled ->> 'creator')::uuid = member then
    return 'creator';
  end if;
  if mask & 2 <> 0 then
    if not restricted or zeros = any (of_row) then
      return 'open to all teams';
    end if;
    select k into met from unnest(of_row) k where k = any (keys) order by k limit 1;
    if met = 'ffffffff-ffff-ffff-ffff-ffffffffffff' then
      return 'the account has no teams';
    end if;
    if met is not null then
      own := coalesce((through ->> met::text)::uuid, access.preview_through(member, met), met);
      return coalesce(
        (select 'team ' || t.name from crm.teams t where t.account_id = access.account_id() and t.id = met),
        'a team that you do not know'
      ) || case when own <> met then ', through ' || coalesce(
        (select t.name from crm.teams t where t.account_id = access.account_id() and t.id = own),
        'one that you do not know'
      ) else '' end;
    end if;
  end if;
  if mask & 16 <> 0 and sampled ->> 'owner' is null then
    return 'nobody owns it';
  end if;
  return 'shared';
end $$;
comment on function access.preview_reason(integer, boolean, jsonb, uuid, uuid[], jsonb) is
  'By what of these scopes and keys a member reaches a row, in words, as far as the caller knows teams.';

create or replace function access.preview_lines(plan jsonb, after jsonb, before jsonb) returns jsonb
  language sql stable set search_path = pg_catalog, pg_temp
  begin atomic
    with counted as (
      select c.number, c.reach, side.present, x.members, n.value::bigint as value, n.place
        from jsonb_array_elements(plan -> 'counts') with ordinality c (reach, number)
        cross join lateral (
          values (true, after -> 'counts' -> (c.number - 1)::integer), (false, before -> 'counts' -> (c.number - 1)::integer)
        ) side (present, found)
        cross join lateral jsonb_to_recordset(side.found) x (members jsonb, numbers jsonb)
        cross join lateral jsonb_array_elements_text(x.numbers) with ordinality n (value, place)
    ),
    -- The first number is of rows that are seen where the scopes say that only the other side would: none, as policies are.
    summed as (
      select c.number, c.reach ->> 'module' as module, w.member::uuid as member, greatest(c.place - 1, 1)::integer as place,
             sum(case when c.place = 1 then case when c.present then 0 else -c.value end
                      when c.present then c.value else 0 end) as gained,
             sum(case when c.place = 1 then case when c.present then -c.value else 0 end
                      when c.present then 0 else c.value end) as lost
        from counted c cross join lateral jsonb_array_elements_text(c.members) w (member)
       group by c.number, c.reach ->> 'module', w.member, greatest(c.place - 1, 1)
    ),
    looked as (
      select l.number, v.module, v.place::integer as place, l.reach,
             coalesce(v.value, repeat('0', jsonb_array_length(plan -> 'special' -> 'ids' -> v.module)))::bit varying as now,
             coalesce(b.value, repeat('0', jsonb_array_length(plan -> 'special' -> 'ids' -> v.module)))::bit varying as was
        from jsonb_array_elements(plan -> 'special' -> 'reaches') with ordinality l (reach, number)
        cross join lateral (
          select m.name as module, p.place, a.value
            from jsonb_array_elements_text(l.reach -> 'modules') m (name)
            cross join lateral generate_series(1, greatest(
              coalesce(jsonb_array_length(after -> 'looks' -> (l.number - 1)::integer -> m.name), 0),
              coalesce(jsonb_array_length(before -> 'looks' -> (l.number - 1)::integer -> m.name), 0)
            )) p (place)
            left join lateral (
              select after -> 'looks' -> (l.number - 1)::integer -> m.name ->> (p.place - 1) as value
            ) a on true
        ) v
        left join lateral (
          select before -> 'looks' -> (l.number - 1)::integer -> v.module ->> (v.place - 1) as value
        ) b on true
    ),
    line as (
      select s.member, s.module, s.place, s.gained, s.lost, s.number as count, null::bigint as look from summed s
       where s.gained <> 0 or s.lost <> 0
      union all
      select w.member::uuid, l.module, l.place, bit_count(l.now & ~l.was), bit_count(l.was & ~l.now), null, l.number
        from looked l cross join lateral jsonb_array_elements_text(l.reach -> 'members') w (member)
       where l.now <> l.was
    ),
    named as (
      select l.member, l.module, a.action, l.place, sum(l.gained) as gained, sum(l.lost) as lost,
             null::boolean as held,
             jsonb_agg(jsonb_build_object('count', l.count, 'look', l.look, 'gained', l.gained, 'lost', l.lost)) as parts
        from line l join access.preview_actions() a on a.module = l.module and a.place = l.place
       group by l.member, l.module, a.action, l.place
      union all
      select w.member::uuid, h.module, h.action, 0, 0, 0, h.gained, '[]'::jsonb
        from jsonb_to_recordset(plan -> 'held') h (module text, action text, gained boolean, members jsonb)
        cross join lateral jsonb_array_elements_text(h.members) w (member)
    ),
    merged as (
      select n.member, n.module, n.action, max(n.place) as place, sum(n.gained) as gained, sum(n.lost) as lost,
             bool_or(n.held) as held, coalesce(jsonb_agg(n.parts) filter (where n.parts <> '[]') -> 0, '[]') as parts
        from named n
       group by n.member, n.module, n.action
    )
    select coalesce(jsonb_agg(to_jsonb(m)), '[]') from merged m;
  end;
comment on function access.preview_lines(jsonb, jsonb, jsonb) is
  'From what was counted on both sides of a change: what each member gains and loses, by module and action.';

create or replace function access.preview_sample(module_name text, asked jsonb) returns jsonb
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  case module_name
    {% for m in registry.modules -%}
    when '{{ m.name }}' then return access.preview_sample_{{ m.name }}(asked);
    {% endfor -%}
  end case;
end $$;
comment on function access.preview_sample(text, jsonb) is 'For a dry run: rows of a module that the caller sees, as samples.';

create or replace function access.preview_type(module_name text) returns text
  language sql immutable set search_path = pg_catalog, pg_temp
  return case module_name
    {% for m in registry.modules -%}
    when '{{ m.name }}' then '{{ m.type_name }}'
    {% endfor -%}
  end;
comment on function access.preview_type(text) is 'The type by which ids of rows of a module are known to clients.';

create or replace function access.preview_is_asset(module_name text) returns boolean
  language sql immutable set search_path = pg_catalog, pg_temp
  return module_name in ({% for m in registry.modules if m.reach == 'asset' %}'{{ m.name }}'{{ ', ' if not loop.last }}{% endfor %});
comment on function access.preview_is_asset(text) is 'Whether rows of a module reach teams as content assets do.';

-- After the change was undone: rows that the caller sees as things are, and so may be shown whatever the change would do.
create or replace function access.preview_samples_of(
  plan jsonb, after jsonb, before jsonb, part jsonb, module_name text, place integer, member uuid, gains boolean
) returns jsonb
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  by_id boolean := part ->> 'count' is null;
  number integer := coalesce((part ->> 'count')::integer, (part ->> 'look')::integer) - 1;
  reach jsonb := case when by_id then plan -> 'special' -> 'reaches' -> number else plan -> 'counts' -> number end;
  masks jsonb := case when by_id then reach -> 'masks' -> module_name else reach end;
  mask_before integer := masks -> 'olds' ->> place - 1;
  mask_after integer := masks -> 'news' ->> place - 1;
  keys_before uuid[] := coalesce((select i.team_keys from access.preview_identity(member) i), '{}');
  keys_after uuid[];
  listed jsonb := plan -> 'special' -> 'ids' -> module_name;
  was text;
  now text;
  found jsonb;
begin
  keys_after := coalesce(
    (
      select array(select x::uuid from jsonb_array_elements_text(k.keys) x)
        from jsonb_to_recordset(plan -> 'keys') as k (member uuid, keys jsonb) where k.member = preview_samples_of.member
    ),
    keys_before
  );
  if by_id then
    was := before -> 'looks' -> number -> module_name ->> place - 1;
    now := after -> 'looks' -> number -> module_name ->> place - 1;
    found := access.preview_sample(module_name, jsonb_build_object('ids', (
      select coalesce(jsonb_agg(l.id), '[]')
        from (
          select x.id from jsonb_array_elements(listed) with ordinality x (id, at)
           where coalesce(substr(case when gains then now else was end, x.at::integer, 1), '0') = '1'
             and coalesce(substr(case when gains then was else now end, x.at::integer, 1), '0') = '0'
           limit 200
        ) l
    )));
  else
    found := access.preview_sample(module_name, jsonb_build_object(
      'member', member, 'special', coalesce(listed, '[]'),
      'here', case when gains then mask_after else mask_before end,
      'there', case when gains then mask_before else mask_after end,
      'keys', case when gains then keys_after else keys_before end,
      'other_keys', case when gains then keys_before else keys_after end
    ));
    -- As things are, the policies are asked again.
    was := access.counted_as(member, module_name, jsonb_build_object(
      'ids', (select coalesce(jsonb_agg(x -> 'id'), '[]') from jsonb_array_elements(found) x)
    )) ->> place - 1;
    found := (
      select coalesce(jsonb_agg(x.sampled), '[]') from jsonb_array_elements(found) with ordinality x (sampled, at)
       where coalesce(substr(was, x.at::integer, 1), '0') = case when gains then '0' else '1' end
    );
  end if;
  return (
    select coalesce(jsonb_agg(jsonb_build_object(
             'id', access.preview_type(module_name) || ':' || (x ->> 'id'), 'label', coalesce(x ->> 'label', ''),
             'reason', case
               when gains then access.preview_reason(
                 mask_after, access.preview_is_asset(module_name),
                 x || coalesce(plan -> 'special' -> 'becomes' -> module_name -> (x ->> 'id'), '{}'), member, keys_after,
                 coalesce(plan -> 'through' -> member::text, '{}')
               )
               else access.preview_reason(mask_before, access.preview_is_asset(module_name), x, member, keys_before, '{}')
             end
           )), '[]')
      from jsonb_array_elements(found) x
  );
end $$;
comment on function access.preview_samples_of(jsonb, jsonb, jsonb, jsonb, text, integer, uuid, boolean) is
  'In a dry run, after it was undone: up to ten rows that the caller sees of those that a member would gain or lose, and by what.';

create or replace function access.preview_before(tried jsonb) returns jsonb
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  began timestamptz := clock_timestamp();
  plan jsonb := tried -> 'plan';
  after jsonb := tried -> 'after';
  before jsonb := access.preview_side(plan, false);
  lines jsonb := access.preview_lines(plan, after, before);
  by_name boolean := access.reach('users', 'view') <> 0;
  me uuid := access.user_id();
  concerned bigint;
  totals jsonb;
  named jsonb;
  changes jsonb := '[]';
  line jsonb;
  part jsonb;
  gained jsonb;
  lost jsonb;
  sampled integer := 0;
  viewed jsonb;
  number integer;
  other integer;
begin
  select coalesce(jsonb_object_agg(l.member || l.module, true), '{}') into viewed
    from jsonb_to_recordset(lines) as l (member text, module text, place integer) where l.place = 1;
  select coalesce(jsonb_agg(to_jsonb(t) order by t.module, t.place, t.action), '[]')
    into totals
    from (
      select l.module, l.action, max(l.place) as place, count(*) filter (where l.gained > 0 or l.held) as gaining,
             count(*) filter (where l.lost > 0 or not l.held) as losing, sum(l.gained) as gained, sum(l.lost) as lost
        from jsonb_to_recordset(lines) as l (module text, action text, place integer, gained bigint, lost bigint, held boolean)
       group by l.module, l.action
    ) t;
  select count(distinct l.member) into concerned from jsonb_to_recordset(lines) as l (member uuid);
  -- Who has which rights is told to holders of view on users; to others of themselves, and of the rest as one.
  select coalesce(jsonb_agg(to_jsonb(n) order by n.weight desc, n.member, n.module, n.place, n.action), '[]')
    into named
    from (
      select case when by_name or l.member = me then l.member end as member, l.module, l.action, max(l.place) as place,
             count(*) as members, sum(l.gained) as gained, sum(l.lost) as lost,
             case when bool_and(l.held) then 'gained' when not bool_or(l.held) then 'lost' end as held,
             case when by_name or l.member = me then jsonb_agg(l.parts) -> 0 else '[]' end as parts,
             max(l.weight) as weight
        from (
          select x.*, sum(case when x.place = 1 then x.gained + x.lost end) over (partition by x.member) as weight
            from jsonb_to_recordset(lines)
                 as x (member uuid, module text, action text, place integer, gained bigint, lost bigint, held boolean, parts jsonb)
        ) l
       group by case when by_name or l.member = me then l.member end, (by_name or l.member = me), l.module, l.action
       order by max(l.weight) desc nulls last, 1, 2, 4, 3
       limit {{ most_lines }}
    ) n;
  for number in 0 .. jsonb_array_length(named) - 1 loop
    line := named -> number;
    gained := '[]';
    lost := '[]';
    -- Of another action where the member sees the same rows as before: else they are those of its view.
    if sampled < {{ most_sampled }} and line ->> 'member' is not null and jsonb_array_length(line -> 'parts') > 0
       and ((line ->> 'place')::integer = 1 or not viewed ? ((line ->> 'member') || (line ->> 'module')))
       and clock_timestamp() - began < interval '{{ longest }} milliseconds' then
      sampled := sampled + 1;
      for other in 0 .. jsonb_array_length(line -> 'parts') - 1 loop
        part := line -> 'parts' -> other;
        if (part ->> 'gained')::bigint > 0 then
          gained := gained || access.preview_samples_of(
            plan, after, before, part, line ->> 'module', (line ->> 'place')::integer, (line ->> 'member')::uuid, true
          );
        end if;
        if (part ->> 'lost')::bigint > 0 then
          lost := lost || access.preview_samples_of(
            plan, after, before, part, line ->> 'module', (line ->> 'place')::integer, (line ->> 'member')::uuid, false
          );
        end if;
      end loop;
    end if;
    changes := changes || jsonb_build_array(
      line - 'parts' - 'weight' || jsonb_build_object(
        'samples_gained', jsonb_path_query_array(gained, '$[0 to 9]'), 'samples_lost', jsonb_path_query_array(lost, '$[0 to 9]')
      )
    );
  end loop;
  return jsonb_build_object(
    'members', concerned, 'lines', (
      select count(*) from (
        select distinct case when by_name or l.member = me then l.member end, l.module, l.action
          from jsonb_to_recordset(lines) as l (member uuid, module text, action text)
      ) x
    ), 'totals', totals, 'changes', changes, 'notes', coalesce(tried -> 'notes', '[]')
  );
end $$;
comment on function access.preview_before(jsonb) is
  'In a dry run, after it was undone: what it would bring about (X2), from what access.preview_after found while it was in force.';

create or replace function access.preview_totals(preview jsonb)
  returns table (place bigint, module text, action text, gaining bigint, losing bigint, gained bigint, lost bigint)
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp
  begin atomic
    select row_number() over (), t.module, t.action, t.gaining, t.losing, t.gained, t.lost
      from rows from (
        jsonb_to_recordset(preview -> 'totals') as (module text, action text, gaining bigint, losing bigint, gained bigint, lost bigint)
      ) t;
  end;
comment on function access.preview_totals(jsonb) is 'Of a dry run: for each module and action, how many members and rows.';

create or replace function access.preview_changes(preview jsonb)
  returns table (
    place bigint, user_id uuid, members bigint, module text, action text, gained bigint, lost bigint, held text,
    samples_gained jsonb, samples_lost jsonb
  )
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp
  begin atomic
    select row_number() over (), c.member, c.members, c.module, c.action, c.gained, c.lost, c.held, c.samples_gained, c.samples_lost
      from rows from (
        jsonb_to_recordset(preview -> 'changes') as (
          member uuid, members bigint, module text, action text, gained bigint, lost bigint, held text, samples_gained jsonb,
          samples_lost jsonb
        )
      ) c;
  end;
comment on function access.preview_changes(jsonb) is 'Of a dry run: for each member, module and action, how many rows, with samples.';

create or replace function access.preview_notes(preview jsonb)
  returns table (place bigint, code text, module text, count bigint, message text)
  language sql immutable parallel safe set search_path = pg_catalog, pg_temp
  begin atomic
    select n.place, n.code, n.module, n.count, n.message
      from jsonb_to_recordset(preview -> 'notes') n (place bigint, code text, module text, count bigint, message text);
  end;
comment on function access.preview_notes(jsonb) is 'Of a dry run: what the change says of itself, in words.';
