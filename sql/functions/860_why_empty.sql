-- Concern: why a module is empty for a member, or how far he sees in it: a line for each wall. Invoker: what is told of
-- rows is counted under the caller's policies, and what is told of rights is bound by the function that tells it.

create or replace function access.number_of_rows(rows bigint) returns text
  language sql immutable parallel safe
  return case when rows > 1000 then 'more than 1000' else rows::text end;
comment on function access.number_of_rows(bigint) is 'How many rows were counted, in words: counting ends at a thousand and one.';

create or replace function access.why_empty(member uuid, module_name text)
  returns table (place bigint, code text, sentence text)
  language plpgsql stable
as $$
declare
  called text := replace(module_name, '_', ' ');
  governing text;
  known record;
  counted record;
  whole boolean;
begin
  case module_name
    {% for m in registry.modules -%}
    when '{{ m.name }}' then governing := '{{ m.governing }}';
    {% endfor -%}
    else perform access.bad_input('module', 'there is no such module with rows');
  end case;
  select * into known from access.rights_to_view(member, governing);
  case module_name
    {% for m in registry.modules -%}
    when '{{ m.name }}' then
      select * into counted from access.seen_of_{{ m.name }}(member, known.mask & 31, known.keys);
    {% endfor -%}
  end case;
  whole := counted.reached = counted.seen and (counted.seen <= 1000 or known.mask & 1 <> 0);
  return query
    select row_number() over (order by said.part, said.number), said.code, said.sentence
      from (
        select 1 as part, w.number, w.code, w.sentence
          from access.walls_of_rights(member, governing) with ordinality w (code, sentence, number)
        union all
        select 2, r.number, r.code, format(r.template, known.person, called)
          from (
            values
              (
                -- Open rows count as reached by team, whatever teams there are.
                1, 'no_row_of_teams', known.mask & 3 = 2 and counted.of_teams = 0,
                'Of the %2$s that you see, none is of a team that %1$s reaches, or open to all teams.'
              ),
              (
                2, 'restricted', known.mask & 3 = 2 and counted.elsewhere > 0,
                'Restricted to others than %1$s and the teams that %1$s reaches: '
                  || access.number_of_rows(counted.elsewhere) || ' of the %2$s that you see.'
              ),
              (
                3, 'tier', known.mask & 3 = 2 and counted.elsewhere > 0 and known.tier is not null,
                'Below tier ' || known.tier || ', %2$s are restricted no further, and what was restricted stays so.'
              ),
              (
                4, 'owns_none', known.mask & 5 = 4 and counted.owned = 0,
                '%1$s owns none of the %2$s that you see.'
              ),
              (
                5, 'created_none', known.mask & 9 = 8 and counted.created = 0,
                '%1$s created none of the %2$s that you see.'
              ),
              (
                6, 'none_unassigned', known.mask & 17 = 16 and counted.unassigned = 0,
                'Of the %2$s that you see, none is without an owner and open.'
              ),
              (
                7, 'you_see_none', counted.seen = 0,
                'You see no %2$s yourself, so that nothing can be said of rows.'
              ),
              (
                8, 'sees_none', counted.seen > 0 and counted.reached = 0 and known.mask & 32 = 0,
                'Of the ' || access.number_of_rows(counted.seen) || ' %2$s that you see, %1$s sees none.'
              ),
              (
                -- Two counts that were both cut off are not the same.
                9, 'sees_some', counted.reached > 0 and not whole,
                'Of the ' || access.number_of_rows(counted.seen) || ' %2$s that you see, %1$s sees '
                  || access.number_of_rows(counted.reached) || '.'
              ),
              (
                10, 'sees_all', counted.reached > 0 and whole,
                '%1$s sees all of the ' || access.number_of_rows(counted.seen) || ' %2$s that you see.'
              ),
              (
                -- Which they are is for those who may see the share.
                11, 'shared', known.mask & 32 <> 0,
                'Single %2$s are shared with %1$s, or with a team that %1$s reaches; they are not counted here.'
              )
          ) r (number, code, applies, template)
         where r.applies
      ) said;
end $$;
comment on function access.why_empty(uuid, text) is
  'Why a member sees nothing in a module, or how far he sees: a line for each wall, for holders of view on users.';
