{% set longest = 4000 -%}
-- Concern: what a dry run finds (X2): the same counts as each member whom a change concerns, while it is in force and after it
-- was undone. Invoker, because a role cannot be set inside a definer function.

-- The one function that acts as somebody else in a transaction. What it asks is written here; who acted before acts again when it
-- returns, also where it fails, since what it sets ends with the failed statement; and only numbers come out of it.
create or replace function access.counted_as(member uuid, module_name text, asked jsonb) returns jsonb
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  former_user text := current_setting('cloison.user_id');
  former_keys text := current_setting('cloison.team_keys');
  former_role text := current_setting('role');
  identity record;
  ignored text;
  answer jsonb;
begin
  select i.profile, i.team_keys into identity from access.preview_identity(member) i;
  if identity.profile is null then
    return null;
  end if;
  ignored := set_config('cloison.user_id', member::text, true);
  ignored := set_config('cloison.team_keys', identity.team_keys::text, true);
  ignored := set_config('role', identity.profile::text, true);
  case module_name
    {% for m in registry.modules -%}
    when '{{ m.name }}' then
      if asked ? 'ids' then
        answer := access.possible_{{ m.name }}(asked);
      else
        answer := access.preview_of_{{ m.name }}(asked);
      end if;
    {% endfor -%}
  end case;
  ignored := set_config('role', former_role, true);
  ignored := set_config('cloison.user_id', former_user, true);
  ignored := set_config('cloison.team_keys', former_keys, true);
  return answer;
end $$;
comment on function access.counted_as(uuid, text, jsonb) is
  'In a dry run: counts rows of a module as a member does who acts now; null where he may not. Nothing but numbers.';

-- How many of what one side reaches and the other does not, for each member: a count as one of those who reach alike serves all,
-- but for rows of their own, which are counted for each.
create or replace function access.preview_count(reach jsonb, special jsonb, present boolean) returns jsonb
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  module_name text := reach ->> 'module';
  members jsonb := reach -> 'members';
  first uuid := (members ->> 0)::uuid;
  asked jsonb := jsonb_build_object(
    'own', reach -> case when present then 'news' else 'olds' end,
    'other', reach -> case when present then 'olds' else 'news' end,
    'less', reach -> case when present then 'gained' else 'lost' end,
    'more', reach -> case when present then 'lost' else 'gained' end,
    'narrow', reach -> 'narrow', 'special', coalesce(special -> module_name, '[]'), 'these', '[]'::jsonb
  );
  counted jsonb := '[]';
  common jsonb;
  taken jsonb;
  near jsonb;
  number integer;
begin
  if not (reach ->> case when present then 'now' else 'was' end)::boolean then
    return '[]';
  end if;
  if jsonb_array_length(members) = 1 or not (reach ->> 'personal')::boolean then
    return jsonb_build_array(jsonb_build_object('members', members, 'numbers', access.counted_as(first, module_name, asked)));
  end if;
  common := access.counted_as(first, module_name, asked || '{"mode": "others"}');
  taken := access.counted_as(first, module_name, asked || '{"mode": "of"}' || jsonb_build_object('these', members - 0));
  asked := asked || '{"mode": "near"}' || jsonb_build_object('these', jsonb_build_array(first));
  for number in 0 .. jsonb_array_length(members) - 1 loop
    near := access.counted_as((members ->> number)::uuid, module_name, asked);
    counted := counted || jsonb_build_object(
      'members', jsonb_build_array(members -> number),
      'numbers', (
        select jsonb_agg(c.value::bigint - coalesce(t.value::bigint, 0) + n.value::bigint order by c.place)
          from jsonb_array_elements_text(common) with ordinality c (value, place)
          join jsonb_array_elements_text(near) with ordinality n (value, place) on n.place = c.place
          left join jsonb_array_elements_text(taken -> (members ->> number)) with ordinality t (value, place)
            on t.place = c.place
      )
    );
  end loop;
  return counted;
end $$;
comment on function access.preview_count(jsonb, jsonb, boolean) is
  'In a dry run: what the members of a distinct reach see now and would not on the other side of the change.';

create or replace function access.preview_side(plan jsonb, present boolean) returns jsonb
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  began timestamptz := clock_timestamp();
  -- Arrays, to which something is added without copying all of it.
  counts jsonb[] := '{}';
  looks jsonb[] := '{}';
  asked jsonb := (
    select jsonb_object_agg(i.key, jsonb_build_object('ids', i.value)) from jsonb_each(plan -> 'special' -> 'ids') i
  );
  reach jsonb;
  looked jsonb;
  name text;
  elapsed bigint;
begin
  -- No query stays open meanwhile: counting as somebody refuses that.
  foreach reach in array array(
    select c.value from jsonb_array_elements(plan -> 'counts') with ordinality c (value, place) order by c.place
  ) loop
    elapsed := extract(epoch from clock_timestamp() - began) * 1000;
    if elapsed > {{ longest }} then
      perform access.limit_exceeded('dry_run_milliseconds', {{ longest }}, elapsed);
    end if;
    counts := array_append(counts, access.preview_count(reach, plan -> 'special' -> 'ids', present));
  end loop;
  foreach reach in array array(
    select r.value from jsonb_array_elements(plan -> 'special' -> 'reaches') with ordinality r (value, place) order by r.place
  ) loop
    looked := '{}';
    if (reach ->> case when present then 'now' else 'was' end)::boolean then
      foreach name in array array(select jsonb_array_elements_text(reach -> 'modules')) loop
        elapsed := extract(epoch from clock_timestamp() - began) * 1000;
        if elapsed > {{ longest }} then
          perform access.limit_exceeded('dry_run_milliseconds', {{ longest }}, elapsed);
        end if;
        looked := looked || jsonb_build_object(
          name, access.counted_as((reach -> 'members' ->> 0)::uuid, name, asked -> name)
        );
      end loop;
    end if;
    looks := array_append(looks, looked);
  end loop;
  return jsonb_build_object('counts', to_jsonb(counts), 'looks', to_jsonb(looks));
end $$;
comment on function access.preview_side(jsonb, boolean) is
  'In a dry run: everything that has to be counted, on this side of the change; U0413 where it takes longer than one waits.';

create or replace function access.preview_after() returns jsonb
  language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
  plan jsonb;
begin
  -- What waits for the commit is done now, but for what refuses the commit of a dry run. Names of triggers go through %I.
  execute coalesce((
    select 'set constraints ' || string_agg(distinct format('%I.%I', n.nspname, t.tgname), ', ') || ' immediate'
      from pg_catalog.pg_trigger t
      join pg_catalog.pg_class c on c.oid = t.tgrelid
      join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname in ('access', 'crm') and t.tgdeferrable and t.tgconstraint <> 0 and not t.tgisinternal
  ), 'select');
  plan := access.preview_plan();
  return jsonb_build_object('plan', plan, 'after', access.preview_side(plan, true), 'notes', (
    -- Undone with the change, as all that it set.
    select coalesce(jsonb_agg(to_jsonb(n) order by n.place), '[]') from access.notes() n
  ));
end $$;
comment on function access.preview_after() is
  'In a dry run, after the change: what has to be counted, and the counts. What it answers is for access.preview_before.';
