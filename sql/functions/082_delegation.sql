-- Concern: what becomes of a set that one gives (G1): of it, what one holds; and what one does not hold stays as it was. For
-- a member, the difference to what the role says is kept as personal exceptions: `withheld` is a cell of the role that he does
-- not get, `kept` one beyond it that he does not lose. They end when he is given a role anew.

create or replace function access_private.held_for_good() returns text[]
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    with period as (
      select s.profile, s.valid from access_private.session_profile s
       where s.account_id = access.account_id() and s.user_id = access.user_id()
         and (upper_inf(s.valid) or upper(s.valid) > clock_timestamp())
    )
    select case
      when session_user = 'cloison_gateway' and not access_private.holds_everything() then array(
        select c.module || ':' || c.action || ':' || c.scope
          from access_private.profile_capability c
         where c.profile = access.profile() and c.scope not in ('shared', 'unmasked')
           and exists (select from period p where upper_inf(p.valid))
           and not exists (
             select from period p
              where not exists (
                select from access_private.profile_capability o
                 where o.profile = p.profile and o.module = c.module and o.action = c.action and o.scope in (c.scope, 'all')
              )
           )
      )
    end;
  end;
comment on function access_private.held_for_good() is
  'What the administering member holds now and at every moment to come, as module:action:scope; null: everything.';

create or replace function access_private.covers(cells text[], cell text) returns boolean
  language sql immutable set search_path = pg_catalog, pg_temp
  return cell = any (cells) or split_part(cell, ':', 1) || ':' || split_part(cell, ':', 2) || ':all' = any (cells);
comment on function access_private.covers(text[], text) is 'Whether a cell is in a set, or under `all` there.';

create or replace function access_private.delegated(asked text[], had text[], held text[]) returns text[]
  language sql immutable set search_path = pg_catalog, pg_temp
  begin atomic
    select case
      when held is null then asked
      else array(
        select s from unnest(asked) s where access_private.covers(held, s)
        union
        -- Of all rows, those on which one holds it oneself; unless it was held on all of them, and stays so.
        select h from unnest(held) h
         where split_part(h, ':', 1) || ':' || split_part(h, ':', 2) || ':all' = any (asked)
           and split_part(h, ':', 1) || ':' || split_part(h, ':', 2) || ':all' <> all (had)
        union
        select o from unnest(had) o where not access_private.covers(held, o)
        order by s
      )
    end;
  end;
comment on function access_private.delegated(text[], text[], text[]) is
  'G1: what is asked for, as far as the administering member holds it (null: everything), joined with what was had and he does not hold.';

-- What comes of a member's own role alone: what he has of his teams, and what somebody granted him, is not touched by it, and
-- does not make it his own.
create or replace function access_private.bounds_at(account uuid, member uuid, role uuid, at timestamptz, held text[])
  returns table (effect text, module text, action text, scope text)
  language sql stable security definer set search_path = pg_catalog, pg_temp
  begin atomic
    with source as (
      select c as cell, true as new from unnest(access_private.role_cells(account, role)) c
      union all
      select c, false
        from access.membership m cross join unnest(access_private.role_cells(account, m.role_id)) c
       where m.account_id = account and m.user_id = member and m.valid @> at
         and not exists (
           select from access.exception e
            where e.account_id = account and e.user_id = member and e.effect = 'withheld' and e.valid @> at
              and e.module || ':' || e.action || ':' || e.scope = c
         )
      union all
      select e.module || ':' || e.action || ':' || e.scope, false from access.exception e
       where e.account_id = account and e.user_id = member and e.effect = 'kept' and e.valid @> at
    ),
    given as (
      select g.cell, g.new, k.module, k.action, split_part(g.cell, ':', 3) as scope
        from source g
        join access.capability k on k.module = split_part(g.cell, ':', 1) and k.action = split_part(g.cell, ':', 2)
       where not exists (
         select from access.exception e
          where e.account_id = account and e.user_id = member and e.effect = 'deny' and e.valid @> at
            and e.module = k.module
            and (
              e.action = k.action or (e.action = 'view' and (k.on_rows or k.action = 'configure'))
              or (k.module, k.action, e.action) in (
                {% for part in registry.parts -%}
                ('{{ part[0] }}', '{{ part[1] }}', '{{ part[2] }}'){{ ', ' if not loop.last }}
                {%- endfor %}
              )
            )
            and (not k.on_rows or e.scope = split_part(g.cell, ':', 3) or 'all' in (e.scope, split_part(g.cell, ':', 3)))
       )
    ),
    outcome as (
      select access_private.closed_cells(access_private.delegated(
        access_private.closed_cells(array(select g.cell from given g where g.new)),
        access_private.closed_cells(array(select g.cell from given g where not g.new)),
        held
      )) as cells
    ),
    remaining as (
      select access_private.closed_cells(array(
        select g.cell from given g where g.new and access_private.covers(o.cells, g.cell)
      )) as cells
        from outcome o
    )
    select 'withheld', g.module, g.action, g.scope
      from given g cross join outcome o where g.new and not access_private.covers(o.cells, g.cell)
    union
    select 'kept', split_part(t, ':', 1), split_part(t, ':', 2), split_part(t, ':', 3)
      from outcome o cross join unnest(o.cells) t cross join remaining r
     where not access_private.covers(r.cells, t);
  end;
comment on function access_private.bounds_at(uuid, uuid, uuid, timestamptz, text[]) is
  'How a role that is given to a member differs, at a moment, from what he is to hold of it by G1.';

create or replace function access_private.bounds_of(account uuid, member uuid, role uuid, present timestamptz)
  returns setof access.exception
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  held text[] := access_private.held_for_good();
begin
  if held is null then
    return;
  end if;
  return query
    with ends as (
      select present as moment
      union
      select bound
        from access.exception e cross join unnest(array[lower(e.valid), upper(e.valid)]) as bound
       where e.account_id = account and e.user_id = member and bound > present and bound < 'infinity'
    ),
    stretch as (
      select tstzrange(n.moment, lead(n.moment) over (order by n.moment)) as valid from ends n
    ),
    planned as (
      select b.effect, b.module, b.action, b.scope, range_agg(s.valid) as spans
        from stretch s cross join lateral access_private.bounds_at(account, member, role, lower(s.valid), held) b
       group by b.effect, b.module, b.action, b.scope
    )
    -- Where there is an exception that somebody set, that says it.
    select account, member, p.module, p.action, p.scope, p.effect, span
      from planned p cross join lateral unnest(p.spans - coalesce((
        select range_agg(e.valid) from access.exception e
         where e.account_id = account and e.user_id = member and e.module = p.module and e.action = p.action
           and e.scope = p.scope and e.effect in ('grant', 'deny')
      ), '{}'::tstzmultirange)) as span;
end $$;
comment on function access_private.bounds_of(uuid, uuid, uuid, timestamptz) is
  'The exceptions with which the administering member gives a member a role (G1); none where he holds everything.';

-- One statement: nobody holds, in between, what he is not to hold, and profiles are computed for the outcome.
create or replace function access_private.give_role(account uuid, members uuid[], role uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz := clock_timestamp();
  planned access.exception[];
  begun bigint;
begin
  perform access_private.bound_everything(account, members, role);
  planned := array(
    select b from unnest(members) as m cross join lateral access_private.bounds_of(account, m, role, present) b
  );
  with ended as (
    update access.membership m set valid = tstzrange(lower(m.valid), present)
     where m.account_id = account and m.user_id = any (members) and m.role_id <> give_role.role and m.valid @> present
    returning m.user_id, m.status, m.super_admin
  ),
  changed as (
    insert into access.membership (account_id, user_id, status, role_id, super_admin, valid)
      select account, e.user_id, e.status, give_role.role, e.super_admin, tstzrange(present, null) from ended e
    returning user_id
  ),
  added as (
    insert into access.membership (account_id, user_id, role_id, valid)
      select account, u, give_role.role, tstzrange(present, null) from unnest(members) as u
       where not exists (
         select from access.membership m where m.account_id = account and m.user_id = u and m.valid @> present
       )
    returning user_id
  ),
  former as (
    update access.exception e set valid = tstzrange(lower(e.valid), present)
     where e.account_id = account and e.user_id = any (members) and e.effect in ('kept', 'withheld') and e.valid @> present
    returning e.user_id
  ),
  dropped as (
    delete from access.exception e
     where e.account_id = account and e.user_id = any (members) and e.effect in ('kept', 'withheld')
       and lower(e.valid) > present
    returning e.user_id
  ),
  made as (
    insert into access.exception (account_id, user_id, module, action, scope, effect, valid)
      select p.account_id, p.user_id, p.module, p.action, p.scope, p.effect, p.valid from unnest(planned) p
       -- Only when those before are out of the way.
       where (select count(*) from former) + (select count(*) from dropped) >= 0
    returning user_id
  )
  select (select count(*) from changed) + (select count(*) from added) + (select count(*) from made) into begun;
  perform access_private.tell('withheld', array(
    select distinct p.module || ':' || p.action || ':' || p.scope from unnest(planned) p where p.effect = 'withheld'
  ));
  perform access_private.tell('kept', array(
    select distinct p.module || ':' || p.action || ':' || p.scope from unnest(planned) p where p.effect = 'kept'
  ));
  perform access_private.require_super_admin(account);
end $$;
comment on function access_private.give_role(uuid, uuid[], uuid) is
  'Gives these users a role, who are members from then on, by G1: what the administering member does not hold is neither given nor taken.';

-- From who holds everything exceptions take nothing, and everything is not a set of cells.
create or replace function access_private.bound_everything(account uuid, members uuid[], role uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    select from access.role r where r.account_id = account and r.id = role and r.builtin = 'Owner'
    union all
    select from access.membership m join access.role r on r.account_id = m.account_id and r.id = m.role_id
     where m.account_id = account and m.user_id = any (members) and m.valid @> clock_timestamp()
       and (m.super_admin or r.builtin = 'Owner')
    union all
    select from access.team_member tm
      join access.team_role tr on tr.account_id = tm.account_id and tr.team_id = tm.team_id
      join access.role r on r.account_id = tr.account_id and r.id = tr.role_id
     where tm.account_id = account and tm.user_id = any (members) and r.builtin = 'Owner'
       and tm.valid @> clock_timestamp() and tr.valid @> clock_timestamp()
  ) then
    perform access_private.bound_cells(array(
      select k.module || ':' || k.action || ':all' from access.capability k
       where k.module <> all (access_private.absent_from(account))
    ));
  end if;
end $$;
comment on function access_private.bound_everything(uuid, uuid[], uuid) is
  'U0403 where an owner or a super admin is given another role, or a member that of an owner, by who does not hold everything.';

-- What a call says beside its answer; for this transaction.
create or replace function access_private.tell(what text, cells text[]) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform set_config('cloison.' || what, array_to_string(cells, ' '), true);
end $$;
comment on function access_private.tell(text, text[]) is 'Notes cells as `withheld` or `kept`, for whom is told what a call did.';

{% for what, said in [
  ('withheld', 'asked for and not given, since you do not hold them'),
  ('kept', 'to be taken and left, since you do not hold them')
] -%}
create or replace function access.{{ what }}() returns table (place bigint, module text, action text, scopes text[])
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select row_number() over (order by k.module, k.action), k.module, k.action,
           array_agg(distinct case when k.on_rows then split_part(c, ':', 3) else 'all' end)
      from regexp_split_to_table(nullif(current_setting('cloison.{{ what }}', true), ''), ' ') c
      join access.capability k on k.module = split_part(c, ':', 1) and k.action = split_part(c, ':', 2)
     group by k.module, k.action;
  end;
comment on function access.{{ what }}() is 'Cells that the last call in this transaction was {{ said }} (G1).';

{% endfor %}
