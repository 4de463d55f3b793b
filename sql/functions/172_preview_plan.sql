-- Concern: what a dry run has to count (X2): for each module the distinct changes of reach, with whom they concern; and rows at
-- which it looks one by one. What it knows of before, access.begin_preview has noted.

create or replace function access.preview_actions()
  returns table (module text, governing text, place integer, action text)
  language sql immutable set search_path = pg_catalog, pg_temp
  begin atomic
    select x.module, x.governing, x.place, x.action
      from (
        values
        {% for m in registry.modules -%}
        {% set outer = loop -%}
        {% for action in registry.previewed(m) -%}
        ('{{ m.name }}', '{{ m.governing }}', {{ loop.index }}, '{{ action }}'){{ ',' if not (outer.last and loop.last) }}
        {% endfor -%}
        {% endfor %}
      ) x (module, governing, place, action);
  end;
comment on function access.preview_actions() is
  'Actions on rows that a dry run counts, `view` first, with the module whose capabilities decide.';

create or replace function access_private.preview_people(
  account uuid, trial xid8, alone uuid default null
)
  returns table (user_id uuid, op name, ok uuid[], np name, nk uuid[], gained uuid[], lost uuid[])
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select user_id, b.profile, coalesce(b.team_keys, '{}'), a.profile, coalesce(a.team_keys, '{}'),
           case when a.team_keys is not distinct from b.team_keys then '{}'
                else array(select k from unnest(a.team_keys) k where (k = any (b.team_keys)) is not true order by k) end,
           case when a.team_keys is not distinct from b.team_keys then '{}'
                else array(select k from unnest(b.team_keys) k where (k = any (a.team_keys)) is not true order by k) end
      from (
        select p.user_id, p.profile, p.team_keys from access_private.preview_profile p
         where p.account_id = preview_people.account and p.xid = preview_people.trial
      ) b
      full join (
        select s.user_id, s.profile, s.team_keys from access_private.session_profile s
         where s.account_id = preview_people.account and s.valid @> clock_timestamp()
      ) a using (user_id)
     where alone is null or user_id = alone;
  end;
comment on function access_private.preview_people(uuid, xid8, uuid) is
  'Every member before and after what a dry run did: profile, keys of teams, and which of these were gained and lost.';

create or replace function access_private.preview_scopes(profiles name[])
  returns table (profile name, module text, action text, scope text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select c.profile, c.module, c.action, c.scope
      from access_private.profile_capability c where c.profile = any (profiles)
    union all
    -- Where an account does not mask, view_sensitive reaches what view does.
    select c.profile, c.module, u.action, c.scope
      from access_private.profile_capability u
      join access_private.profile_capability c on c.profile = u.profile and c.module = u.module and c.action = 'view'
     where u.profile = any (profiles) and u.scope = 'unmasked';
  end;
comment on function access_private.preview_scopes(name[]) is
  'On which scopes profiles reach rows for each action; a scope may be there twice.';

create or replace function access_private.preview_counts(account uuid, trial xid8, alone uuid) returns jsonb
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    with moved as materialized (
      select * from access_private.preview_people(account, trial, alone) p
       where p.op is distinct from p.np or p.gained <> '{}' or p.lost <> '{}'
    ),
    pair as (select distinct m.op, m.np from moved m),
    mask as (
      select c.profile, c.module, c.action, bit_or(access.scope_bit(c.scope)) & 31 as mask
        from access_private.preview_scopes(array(
             select p.op from pair p
             union
             select p.np from pair p
           )) c
       group by c.profile, c.module, c.action
    ),
    matrix as (
      select p.op, p.np, x.module,
             array_agg(coalesce(o.mask, 0) order by x.place) as olds, array_agg(coalesce(n.mask, 0) order by x.place) as news,
             bool_or(coalesce(o.mask, 0) <> coalesce(n.mask, 0)) as differs,
             bool_or((coalesce(o.mask, 0) | coalesce(n.mask, 0)) & 2 <> 0) as by_team,
             bool_or((coalesce(o.mask, 0) | coalesce(n.mask, 0)) & 30 <> 0) as personal
        from pair p cross join access.preview_actions() x
        left join mask o on o.profile = p.op and o.module = x.governing and o.action = x.action
        left join mask n on n.profile = p.np and n.module = x.governing and n.action = x.action
       group by p.op, p.np, x.module
    ),
    -- Who has the same scopes, and gains and loses the same teams, has the same rows but for his own: one count serves all.
    reach as (
      select x.module, x.olds, x.news, x.personal, not x.differs as narrow, m.op is not null as was, m.np is not null as now,
             array_agg(m.user_id order by m.user_id) as members
        from moved m
        join matrix x on x.op is not distinct from m.op and x.np is not distinct from m.np
       where x.differs or x.by_team and (m.gained <> '{}' or m.lost <> '{}')
       group by x.module, x.olds, x.news, x.personal, x.differs, m.op is not null, m.np is not null,
                case when x.by_team then m.gained end, case when x.by_team then m.lost end,
                case when x.by_team and x.differs then m.ok end
    )
    select coalesce(
             jsonb_agg(
               jsonb_build_object(
                 'module', r.module, 'olds', r.olds, 'news', r.news, 'personal', r.personal, 'narrow', r.narrow,
                 'was', r.was, 'now', r.now, 'members', r.members, 'gained', m.gained, 'lost', m.lost
               ) order by r.module, r.members
             ),
             '[]'
           )
      from reach r join moved m on m.user_id = r.members[1];
  end;
comment on function access_private.preview_counts(uuid, xid8, uuid) is
  'What a dry run has to count: for each module and each distinct change of reach, the scopes of each action and the members.';

create or replace function access_private.preview_held(account uuid, trial xid8, alone uuid) returns jsonb
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    with moved as materialized (
      select p.user_id, p.op, p.np from access_private.preview_people(account, trial, alone) p where p.op is distinct from p.np
    ),
    pair as (select distinct m.op, m.np from moved m),
    turned as (
      select p.op, p.np, k.module, k.action, n.profile is not null as gained
        from pair p cross join access.capability k
        left join access_private.profile_capability o
          on o.profile = p.op and o.module = k.module and o.action = k.action and o.scope = 'all'
        left join access_private.profile_capability n
          on n.profile = p.np and n.module = k.module and n.action = k.action and n.scope = 'all'
       where not k.on_rows and (o.profile is null) <> (n.profile is null)
    )
    select coalesce(
             jsonb_agg(
               jsonb_build_object('module', h.module, 'action', h.action, 'gained', h.gained, 'members', h.members)
               order by h.module, h.action, h.gained
             ),
             '[]'
           )
      from (
        select t.module, t.action, t.gained, array_agg(m.user_id order by m.user_id) as members
          from moved m join turned t on t.op is not distinct from m.op and t.np is not distinct from m.np
         group by t.module, t.action, t.gained
      ) h;
  end;
comment on function access_private.preview_held(uuid, xid8, uuid) is
  'Actions that concern no row and that members hold after a dry run and did not before, or the other way round.';

-- Rows that are reached otherwise themselves, and rows that are shared with somebody whom the change concerns: each is looked
-- at by its id, and is not among what is counted.
create or replace function access_private.preview_special(account uuid, trial access_private.preview, alone uuid) returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz := clock_timestamp();
  span tstzrange := tstzrange(trial.began, clock_timestamp(), '[]');
  moved uuid[];
  moved_keys uuid[];
  shared jsonb;
  everybody boolean;
  ids uuid[];
  by_module jsonb := '{}';
  becomes jsonb := '{}';
  touched uuid[] := '{}';
  persons uuid[] := '{}';
  reaches jsonb;
  looks bigint;
begin
  select coalesce(array_agg(distinct p.user_id), '{}'), coalesce(array_agg(distinct k.key) filter (where k.key is not null), '{}')
    into moved, moved_keys
    from access_private.preview_people(account, trial.xid, alone) p
    left join lateral (
      select unnest(p.ok || p.nk) as key where exists (select from access.share s where s.account_id = account and s.team_id is not null)
    ) k on true
   where p.op is distinct from p.np or p.gained <> '{}' or p.lost <> '{}';
  everybody := exists (
    select from access_private.preview_row r where r.account_id = account and r.xid = trial.xid
  ) or exists (
    select from access.share s
     where s.account_id = account
       and (lower(s.valid) >= trial.began or upper(s.valid) between trial.began and present)
  );
  with seen as materialized (
    select s.module, s.row_id, s.user_id, s.team_id
      from access.share s
     where s.account_id = account and (s.valid && span or upper(s.valid) between trial.began and present)
       and (
         lower(s.valid) >= trial.began or upper(s.valid) between trial.began and present
         or s.user_id = any (moved) or s.team_id = any (moved_keys)
         or exists (
           select from access_private.preview_row r
            where r.account_id = account and r.xid = trial.xid and r.module = s.module and r.row_id = s.row_id
         )
       )
  )
  select coalesce((select jsonb_object_agg(x.module, x.ids) from (
           select s.module, jsonb_agg(distinct s.row_id) as ids from seen s group by s.module
         ) x), '{}'),
         array(select distinct s.user_id from seen s where s.user_id is not null),
         array(select distinct s.team_id from seen s where s.team_id is not null)
    into shared, persons, touched;
  {% for m in registry.modules if m.own_columns -%}
  ids := array(
    select r.row_id from access_private.preview_row r
     where r.account_id = account and r.xid = trial.xid and r.module = '{{ m.name }}'
  );
  {% for module, column in m.share_keys -%}
  if shared ? '{{ module }}' then
    ids := ids || array(
      select t.id from crm.{{ m.name }} t
       where t.account_id = account
         and t.{{ column }} = any (array(select x::uuid from jsonb_array_elements_text(shared -> '{{ module }}') x))
    );
  end if;
  {% endfor -%}
  if ids <> '{}' then
    ids := array(select distinct x from unnest(ids) x order by x);
    by_module := by_module || jsonb_build_object('{{ m.name }}', ids);
    select touched || coalesce(array_agg(distinct k.key) filter (where k.key is not null), '{}'),
           persons || coalesce(array_agg(distinct w.who) filter (where w.who is not null), '{}')
      into touched, persons
      from crm.{{ m.name }} t
      left join lateral unnest({% if m.reach == 'record' %}array[t.team_key]{% else %}t.team_ids{% endif %}) k (key) on true
      left join lateral unnest(array[t.owner_id, t.{{ m.creator }}]) w (who) on true
     where t.account_id = account and t.id = any (ids);
    becomes := becomes || (
      select jsonb_build_object('{{ m.name }}', jsonb_object_agg(t.id, jsonb_build_object(
               'owner', t.owner_id, 'creator', t.{{ m.creator }},
               {% if m.reach == 'record' %}'keys', array[t.team_key], 'restricted', true{% else %}'keys', t.team_ids, 'restricted', t.restricted{% endif %}
             )))
        from crm.{{ m.name }} t where t.account_id = account and t.id = any (ids[1:200])
    );
  end if;
  {% endfor -%}
  if by_module = '{}' then
    return jsonb_build_object('ids', by_module, 'becomes', becomes, 'reaches', '[]'::jsonb);
  end if;
  select touched || coalesce(array_agg(distinct k.key) filter (where k.key is not null), '{}'),
         persons || coalesce(array_agg(distinct w.who) filter (where w.who is not null), '{}')
    into touched, persons
    from access_private.preview_row r
    left join lateral unnest(r.team_keys) k (key) on true
    left join lateral unnest(r.people) w (who) on true
   where r.account_id = account and r.xid = trial.xid;
  touched := array(select distinct x from unnest(touched) x);
  with concerned as materialized (
    select p.*,
           array(select k from unnest(touched) k where k = any (p.ok) order by k) as old_touched,
           array(select k from unnest(touched) k where k = any (p.nk) order by k) as new_touched
      from access_private.preview_people(account, trial.xid, alone) p
     where everybody or p.op is distinct from p.np or p.gained <> '{}' or p.lost <> '{}'
  ),
  pair as (select distinct c.op, c.np from concerned c),
  mask as (
    select c.profile, c.module, c.action, bit_or(access.scope_bit(c.scope)) as mask
      from access_private.preview_scopes(array(
             select p.op from pair p
             union
             select p.np from pair p
           )) c
     group by c.profile, c.module, c.action
  ),
  matrix as (
    select p.op, p.np, x.module,
           array_agg(coalesce(o.mask, 0) order by x.place) as olds, array_agg(coalesce(n.mask, 0) order by x.place) as news
      from pair p cross join access.preview_actions() x
      left join mask o on o.profile = p.op and o.module = x.governing and o.action = x.action
      left join mask n on n.profile = p.np and n.module = x.governing and n.action = x.action
     where by_module ? x.module
     group by p.op, p.np, x.module
  ),
  reach as (
    select p.op, p.np, p.op is not null as was, p.np is not null as now, array_agg(p.user_id order by p.user_id) as members
      from concerned p
     group by p.op, p.np, p.old_touched, p.new_touched, case when p.user_id = any (persons) then p.user_id end
  ),
  looked as (
    select r.members, r.was, r.now, r.np, r.op, array_agg(x.module order by x.module) as modules,
           jsonb_object_agg(x.module, jsonb_build_object('olds', x.olds, 'news', x.news)) as masks
      from reach r join matrix x on x.op is not distinct from r.op and x.np is not distinct from r.np
     -- Nobody does anything with rows that he views neither before nor after.
     where x.olds[1] <> 0 or x.news[1] <> 0
     group by r.members, r.was, r.now, r.np, r.op
  )
  -- Those of a profile one after the other: a statement is planned anew for each role.
  select coalesce(jsonb_agg(jsonb_build_object(
           'members', l.members, 'was', l.was, 'now', l.now, 'modules', l.modules, 'masks', l.masks
         ) order by l.np, l.op, l.members), '[]'),
         coalesce(sum((select sum(jsonb_array_length(by_module -> x)) from unnest(l.modules) x)), 0)
    into reaches, looks
    from looked l;
  if looks > 2000000 then
    perform access.limit_exceeded('dry_run_rows', 2000000, looks);
  end if;
  return jsonb_build_object('ids', by_module, 'becomes', becomes, 'reaches', reaches);
end $$;
comment on function access_private.preview_special(uuid, access_private.preview, uuid) is
  'Rows of which a dry run looks at each, by module, and the distinct reaches for which it does.';

create or replace function access.preview_through(member uuid, team uuid) returns uuid
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if access_private.present_preview() is null
     or member is distinct from access.user_id() and not access_private.previews_others() then
    return null;
  end if;
  return (
    select t.team_id from access.team_member t
      join access_private.team_closure c on c.account_id = t.account_id and c.ancestor_id = t.team_id
     where t.account_id = access.account_id() and t.user_id = member and t.valid @> clock_timestamp()
       and c.descendant_id = team
     order by c.depth, t.team_id limit 1
  );
end $$;
comment on function access.preview_through(uuid, uuid) is
  'In a dry run: the nearest of a member''s own teams through which he reaches a team now (T4).';

create or replace function access.preview_plan() returns jsonb
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid := access.account_id();
  trial access_private.preview := access_private.present_preview();
  alone uuid;
begin
  if trial is null then
    raise exception using errcode = '25001', message = 'this is no dry run';
  end if;
  alone := case when not access_private.previews_others() then access.user_id() end;
  return jsonb_build_object(
    'counts', access_private.preview_counts(account, trial.xid, alone),
    'held', access_private.preview_held(account, trial.xid, alone),
    'keys', (
      select coalesce(jsonb_agg(jsonb_build_object('member', p.user_id, 'keys', p.nk)), '[]')
        from access_private.preview_people(account, trial.xid, alone) p where p.gained <> '{}' or p.lost <> '{}'
    ),
    'special', access_private.preview_special(account, trial, alone),
    -- For the samples: through which of their teams some members reach what they gain.
    'through', (
      select coalesce(jsonb_object_agg(m.user_id, (
               select jsonb_object_agg(k, access.preview_through(m.user_id, k)) from unnest(m.gained[1:100]) k
             )), '{}')
        from (
          select p.user_id, p.gained from access_private.preview_people(account, trial.xid, alone) p
           where p.gained <> '{}' order by p.user_id limit 40
        ) m
    )
  );
end $$;
comment on function access.preview_plan() is
  'In a dry run, after the change: what has to be counted for whom. Of others than himself only to whom it is told of others.';
