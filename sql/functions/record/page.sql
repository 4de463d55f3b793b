-- Concern: pages by age for members whose rows no one index has in order: those of several teams, or of several scopes.
-- A few of the newest rows are walked; where too few of them are the member's, a page for each team and scope is merged.
-- Past the policies, and by the same rules: the statement that uses the ids checks each row under the policies. The
-- settings keep it to the indexes that are in order, since a plan for all values knows neither limits nor bounds.

create or replace function access.page_of_{{ m.name }}(
  size integer, upper_at timestamptz, upper_id uuid, lower_at timestamptz, lower_id uuid, ascending boolean
) returns setof uuid
  language plpgsql stable parallel safe rows 50 security definer set search_path = pg_catalog, pg_temp
  set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off
as $$
declare
  account uuid := access.account_id();
  me uuid := access.user_id();
  keys uuid[] := access.team_keys();
  reach integer;
  found_ids uuid[];
  {%- for module, column in m.share_keys %}
  shared_{{ loop.index }} uuid[];
  {%- endfor %}
begin
  -- As access.reach, whose plan would be made anew in each statement.
  select coalesce(bit_or(access.scope_bit(c.scope)), 0) into reach
    from access_private.profile_capability c
   where c.profile = access.profile() and c.module = '{{ m.governing }}' and c.action = 'view';
  if reach & 32 <> 0 then
    {% for module, column in m.share_keys -%}
    shared_{{ loop.index }} := access.shared_rows('{{ module }}', 'view');
    {% endfor -%}
  end if;
  -- The largest page, and one row more.
  size := least(coalesce(size, 0), 101);
  upper_at := coalesce(upper_at, 'infinity');
  upper_id := coalesce(upper_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff');
  lower_at := coalesce(lower_at, '-infinity');
  lower_id := coalesce(lower_id, '00000000-0000-0000-0000-000000000000');
  {% for direction, side in (("", "if ascending then"), (" desc", "else")) -%}
  {{ side }}
    -- Each team costs the merge a descent and a page, which is worth a hundred rows of a walk.
    if (reach & 2 <> 0 and cardinality(keys) > 3) or reach & 1 <> 0 then
      found_ids := array(
        select w.id
          from (
            select t.created_at, t.id, t.owner_id, t.{{ m.creator }}, t.team_key
                   {%- for module, column in m.share_keys if column != 'id' %}, t.{{ column }}{% endfor %} from crm.{{ m.name }} t
             where t.account_id = account
               and (t.created_at, t.id) < (upper_at, upper_id) and (t.created_at, t.id) > (lower_at, lower_id)
             order by t.created_at{{ direction }}, t.id{{ direction }}
             limit 4 * size + 100 * cardinality(keys)
          ) w
         where access.record_within(reach, {{ m.reach_of('w') }}, me, keys)
            {%- for module, column in m.share_keys %}
            or w.{{ column }} in (select unnest(shared_{{ loop.index }}))
            {%- endfor %}
         order by w.created_at{{ direction }}, w.id{{ direction }}
         limit size
      );
      if cardinality(found_ids) = size or reach & 1 <> 0 then
        return query select unnest(found_ids);
        return;
      end if;
    end if;
    return query
      select u.id
        from (
          {% for bits, condition in (
            (6, "t.owner_id = me"), (8, "t." ~ m.creator ~ " = me"), (16, "t.owner_id is null")
          ) -%}
          (
            select t.created_at, t.id from crm.{{ m.name }} t
             where reach & {{ bits }} <> 0 and t.account_id = account and {{ condition }}
               and (t.created_at, t.id) < (upper_at, upper_id) and (t.created_at, t.id) > (lower_at, lower_id)
             order by t.created_at{{ direction }}, t.id{{ direction }}
             limit size
          )
          union
          {% endfor -%}
          {% for module, column in m.share_keys -%}
          (
            {% if column == 'id' -%}
            select t.created_at, t.id from crm.{{ m.name }} t
             where reach & 32 <> 0 and t.account_id = account and t.id = any (shared_{{ loop.index }})
               and (t.created_at, t.id) < (upper_at, upper_id) and (t.created_at, t.id) > (lower_at, lower_id)
            {% else -%}
            select p.created_at, p.id
              from unnest(shared_{{ loop.index }}) k (key)
             cross join lateral (
               select t.created_at, t.id from crm.{{ m.name }} t
                where t.account_id = account and t.{{ column }} = k.key
                  and (t.created_at, t.id) < (upper_at, upper_id) and (t.created_at, t.id) > (lower_at, lower_id)
                order by t.created_at{{ direction }}, t.id{{ direction }}
                limit size
             ) p
             where reach & 32 <> 0
            {% endif -%}
          )
          union
          {% endfor -%}
          (
            select p.created_at, p.id
              from unnest(keys) k (key)
             cross join lateral (
               select t.created_at, t.id from crm.{{ m.name }} t
                where t.account_id = account and t.team_key = k.key
                  and (t.created_at, t.id) < (upper_at, upper_id) and (t.created_at, t.id) > (lower_at, lower_id)
                order by t.created_at{{ direction }}, t.id{{ direction }}
                limit size
             ) p
             where reach & 2 <> 0
          )
        ) u
       order by u.created_at{{ direction }}, u.id{{ direction }}
       limit size;
  {% endfor -%}
  end if;
end $$;
comment on function access.page_of_{{ m.name }}(integer, timestamptz, uuid, timestamptz, uuid, boolean) is
  'Ids of the newest (ascending: oldest) rows that the session''s profile sees strictly between two positions (null: no bound).';
