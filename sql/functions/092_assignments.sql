-- Concern: assigning many rows in one call (O5): the parts that are the same for all modules.

create or replace function access_private.missing_tier(module_name text) returns text
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select m.tier from access.module m
     where m.name = module_name
       and access_private.tier_of(access.account_id(), m.hub)
           < (case m.tier when 'enterprise' then 2 when 'professional' then 1 else 0 end);
  end;
comment on function access_private.missing_tier(text) is
  'The tier that the account would need to give rows of the module to teams (mission, section 4); null where it has it.';

create or replace function access_private.teams_in(change jsonb) returns uuid[]
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  if jsonb_typeof(change -> 'teams') is distinct from 'array' then
    return null;
  end if;
  return array(select distinct x::uuid as id from jsonb_array_elements_text(change -> 'teams') as x order by id);
end $$;
comment on function access_private.teams_in(jsonb) is 'The teams that an assignment names, as a set in order; null for none named.';

-- Hidden and absent alike.
create or replace function access_private.refusals_among(
  row_ids uuid[], held_ids uuid[], placed_ids uuid[], beneath_ids uuid[], tier text
) returns jsonb
  language sql immutable set search_path = pg_catalog, pg_temp
  begin atomic
    select jsonb_build_object(
      'refused', count(*),
      'refusals', coalesce(
        jsonb_agg(
          jsonb_strip_nulls(jsonb_build_object(
            'row', a.id,
            'code', case when h.id is null then 'NOT_FOUND' else 'FORBIDDEN' end,
            'tier', case when b.id is not null then tier end
          ))
          order by a.id
        ),
        '[]'
      )
    )
      from (
        select unnest(row_ids) as id
        except
        select unnest(placed_ids)
      ) a
      left join unnest(held_ids) h (id) on h.id = a.id
      left join unnest(beneath_ids) b (id) on b.id = a.id;
  end;
comment on function access_private.refusals_among(uuid[], uuid[], uuid[], uuid[], text) is
  'Of the rows asked for, those that were not placed: how many, and each with a code, and the tier where it is that.';

create or replace function access_private.check_assignment(module_name text, change jsonb) returns void
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  known text[] := case module_name
    {%- for m in registry.modules if 'assign' in m.action_names %}
    when '{{ m.name }}' then array['owner', {{ "'team', 'open'" if m.kind == 'record' else "'teams', 'mode', 'restricted'" }}]
    {%- endfor %}
  end;
  unknown text;
begin
  if known is null then
    perform access.bad_input('module', 'is no module whose rows are assigned');
  end if;
  if jsonb_typeof(change) is distinct from 'object' then
    perform access.bad_input('change', 'is an object');
  end if;
  select k into unknown from jsonb_object_keys(change) as k where k <> all (known) limit 1;
  if unknown is not null then
    perform access.bad_input('change', format('%s is none of %s', left(unknown, 100), array_to_string(known, ', ')));
  end if;
  if change ->> 'mode' not in ('replace', 'add', 'remove') then
    perform access.bad_input('mode', 'is replace, add or remove');
  end if;
  if change -> 'teams' is not null and (jsonb_typeof(change -> 'teams') <> 'array' or change -> 'teams' @> '[null]') then
    perform access.bad_input('teams', 'is a list of ids');
  end if;
  -- A null team lets a record follow its new owner; a null owner is nobody.
  if not change ? 'owner' and jsonb_strip_nulls(change - 'mode') = '{}' then
    perform access.bad_input('change', 'there is nothing to change: give an owner, or which teams reach the rows');
  end if;
  -- What is no id and no yes or no is said now, and not in the middle.
  perform (change ->> 'owner')::uuid, (change ->> 'team')::uuid, (change ->> 'open')::boolean,
          (change ->> 'restricted')::boolean, access_private.teams_in(change);
end $$;
comment on function access_private.check_assignment(text, jsonb) is
  'U0400 unless this is an assignment of rows of the module: {"owner": id or null, "team": id, "open": true} for records, {"owner": id or null, "teams": [id], "mode": "replace", "restricted": true} for assets.';

create or replace function access_private.assign_rows(module_name text, change jsonb, row_ids uuid[]) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  case module_name
    {% for m in registry.modules if 'assign' in m.action_names -%}
    when '{{ m.name }}' then
      return access_private.assign_rows_of_{{ m.name }}(change, row_ids);
    {% endfor -%}
  end case;
end $$;
comment on function access_private.assign_rows(text, jsonb, uuid[]) is
  'Hands over the rows of a module that the session may hand over, and says how many it changed and which it refused.';

create or replace function access.assign_many(
  module_name text, change jsonb, row_ids uuid[], partial boolean default false
) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  most constant integer := 5000;
  answer jsonb;
  refused bigint;
  tier text;
begin
  perform access_private.check_assignment(module_name, change);
  if row_ids is null or array_position(row_ids, null) is not null then
    perform access.bad_input('ids', 'are ids');
  end if;
  if cardinality(row_ids) > most then
    raise exception using
      errcode = 'U0413',
      message = format('more than %s rows are assigned in the background', most),
      detail = jsonb_build_object(
        'limit', 'assigned_rows', 'value', most,
        'hint', format('More than %s rows are assigned by a job: ask for it with `background: true`.', most)
      )::text;
  end if;
  answer := access_private.assign_rows(module_name, change, row_ids);
  refused := (answer ->> 'refused')::bigint;
  if refused > 0 and not partial then
    select r.tier into tier from jsonb_to_recordset(answer -> 'refusals') as r (tier text) where r.tier is not null limit 1;
    raise exception using
      errcode = case when answer -> 'refusals' @> '[{"code": "FORBIDDEN"}]' then 'U0403' else 'U0404' end,
      message = format('%s of %s rows are refused, so none was changed', refused, cardinality(row_ids)),
      detail = jsonb_strip_nulls(jsonb_build_object(
        'module', module_name, 'action', 'assign', 'requestable', true, 'tier', tier, 'refusedCount', refused,
        'refused', (
          select jsonb_agg(jsonb_build_object('id', (answer ->> 'type') || ':' || (r.value ->> 'row'), 'code', r.value ->> 'code'))
            from (select x.value from jsonb_array_elements(answer -> 'refusals') as x limit 100) r
        )
      ))::text;
  end if;
  return answer;
end $$;
comment on function access.assign_many(text, jsonb, uuid[], boolean) is
  'Hands over rows of a module, up to 5000 of them, all or none; with `partial` those that it may: how many it changed, and which of those the session sees, how many were so already, how many the session does not see any more, and which are refused (O5).';

create or replace function access.refusal_in_words(code text, module_name text, tier text) returns text
  language sql stable parallel safe
  return case
    when code = 'NOT_FOUND' then 'There is no such row, or you may not see it.'
    when tier is not null then format('Teams reach %s in tier %s.', module_name, tier)
    else format('Your permissions do not include ''assign'' on %s here. You can request it.', module_name)
  end;
comment on function access.refusal_in_words(text, text, text) is 'Why a row of many was refused, as a sentence.';

create or replace function access.refused_rows(answer jsonb) returns table (
  number bigint, id text, code text, message text, module text, action text, tier text
)
  language sql stable parallel safe
as $$
  select r.number, (answer ->> 'type') || ':' || (r.refusal ->> 'row'), r.refusal ->> 'code',
         access.refusal_in_words(r.refusal ->> 'code', answer ->> 'module', r.refusal ->> 'tier'),
         answer ->> 'module', case when r.refusal ->> 'code' = 'FORBIDDEN' then 'assign' end, r.refusal ->> 'tier'
    from jsonb_array_elements(answer -> 'refusals') with ordinality as r (refusal, number)
   order by r.number limit 1000
$$;
comment on function access.refused_rows(jsonb) is 'The rows that an answer of access.assign_many refuses, the first thousand of them by id.';
