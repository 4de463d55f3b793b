-- Concern: keeping access_private.session_profile equal to what the facts say, in the transaction that changes them; and, of
-- who is deactivated, waiting_profile: nobody acts by it, and what is done to him is bound by it.

-- The lock comes first and the facts are read by later statements: so two changes of one account follow each other, and
-- the later one sees the earlier. Under REPEATABLE READ it would not.
create or replace function access_private.lock_account(account uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if current_setting('transaction_isolation') <> 'read committed' then
    raise exception using errcode = '25001', message = 'access is changed at isolation level READ COMMITTED only';
  end if;
  perform from access.account a where a.id = account for no key update;
  if not found then
    perform access.not_found('accounts');
  end if;
end $$;
comment on function access_private.lock_account(uuid) is 'Waits for its turn to change the facts of an account.';

create or replace function access_private.expected_profiles(account uuid, member uuid, state text default 'active')
  returns table (valid tstzrange, cells text[], reader_cells text[], team_keys uuid[])
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
  present timestamptz := clock_timestamp();
  start timestamptz := '-infinity';
  ending timestamptz;
  ends timestamptz[];
begin
  -- Moments to come at which some fact of this member begins or ends.
  ends := array(
    select bound from (
      select unnest(array[lower(x.valid), upper(x.valid)]) as bound from (
        select m.valid from access.membership m where m.account_id = account and m.user_id = member
        union all
        select e.valid from access.exception e where e.account_id = account and e.user_id = member
        union all
        select t.valid from access.team_member t where t.account_id = account and t.user_id = member
        union all
        select r.valid from access.team_role r where r.account_id = account
        union all
        select c.valid from access.role_cell c where c.account_id = account
        union all
        select s.valid from access.sensitivity s where s.account_id = account
        union all
        -- One after the other they are one: a thousand shares make no thousand periods.
        select unnest(merged.valid) from (
          select range_agg(s.valid) as valid from access.share s
           where s.account_id = account
             and (
               s.user_id = member
               or s.team_id in (
                 select c.descendant_id from access.team_member t
                   join access_private.team_closure c on c.account_id = t.account_id and c.ancestor_id = t.team_id
                  where t.account_id = account and t.user_id = member
               )
             )
           group by s.module, s.receiver_id
        ) merged
      ) x
    ) bounds
    where bound > present and bound < 'infinity'
    group by bound order by bound
  );
  foreach ending in array ends || 'infinity'::timestamptz loop
    if exists (
      select from access.membership m
       where m.account_id = account and m.user_id = member and m.status = state
         and m.valid @> greatest(start, present)
    ) then
      valid := tstzrange(start, nullif(ending, 'infinity'));
      select array_agg(c.module || ':' || c.action || ':' || c.scope order by c.module, c.action, c.scope),
             array_agg(c.module || ':' || c.action || ':' || c.scope order by c.module, c.action, c.scope)
               filter (where c.action in ('view', 'view_sensitive'))
        into cells, reader_cells
        from (
          select * from access_private.effective_cells(account, member, greatest(start, present)) where state = 'active'
          union all
          select * from access_private.latent_cells(account, member, greatest(start, present)) where state <> 'active'
        ) c;
      cells := coalesce(cells, '{}');
      reader_cells := coalesce(reader_cells, '{}');
      team_keys := access_private.team_keys_of(account, member, greatest(start, present));
      return next;
    end if;
    start := ending;
  end loop;
end $$;
comment on function access_private.expected_profiles(uuid, uuid, text) is
  'What session_profile should say of a member: a row for the present and one for each period to come in which he may act. Or waiting_profile, of one who is deactivated: what he would hold.';

create or replace function access_private.write_profiles(
  account uuid, member uuid, out before access_private.session_profile[], out after access_private.session_profile[],
  out waited access_private.waiting_profile[], out waits access_private.waiting_profile[]
)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  waited := array(
    select w from access_private.waiting_profile w
     where w.account_id = account and w.user_id = member order by w.valid
  );
  before := array(
    select s from access_private.session_profile s
     where s.account_id = account and s.user_id = member order by s.valid
  );
  delete from access_private.session_profile s where s.account_id = account and s.user_id = member;
  insert into access_private.session_profile (account_id, user_id, valid, profile, reader_profile, team_keys)
    select account, member, e.valid, access_private.profile_for(e.cells, false),
           access_private.profile_for(e.reader_cells, true), e.team_keys
      from access_private.expected_profiles(account, member) e
    on conflict do nothing;
  after := array(
    select s from access_private.session_profile s
     where s.account_id = account and s.user_id = member order by s.valid
  );
  waits := waited;
  if waited <> '{}' or exists (
    select from access.membership m
     where m.account_id = account and m.user_id = member and m.status = 'deactivated' and m.valid @> clock_timestamp()
  ) then
    delete from access_private.waiting_profile w where w.account_id = account and w.user_id = member;
    insert into access_private.waiting_profile (account_id, user_id, valid, cells, team_keys)
      select account, member, e.valid, e.cells, e.team_keys
        from access_private.expected_profiles(account, member, 'deactivated') e
      on conflict do nothing;
    waits := array(
      select w from access_private.waiting_profile w
       where w.account_id = account and w.user_id = member order by w.valid
    );
  end if;
  if before is distinct from after then
    insert into access_private.login_change (login, pending)
      select l.login, true from access.analyst_login l
       where l.account_id = account and l.user_id = member and l.valid @> clock_timestamp()
      on conflict (login) do update set pending = true;
  end if;
end $$;
comment on function access_private.write_profiles(uuid, uuid) is
  'Writes session_profile and waiting_profile of one member anew from all facts; what they said, and what they say.';

create or replace function access_private.refresh_member(account uuid, member uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  w record := access_private.write_profiles(account, member);
begin
  if not access_private.is_bound(account) then
    return;
  end if;
  -- From one state to the other, what waits is compared with what is in force.
  if w.waited is distinct from w.waits then
    perform access_private.bound_outcome(
      account,
      case when w.waited = '{}' then access_private.outlook(w.before) else w.waited end,
      case when w.waits = '{}' then access_private.outlook(w.after) else w.waits end
    );
  end if;
  if w.before is distinct from w.after then
    perform access_private.bound_outcome(account, access_private.outlook(w.before), access_private.outlook(w.after));
  end if;
end $$;
comment on function access_private.refresh_member(uuid, uuid) is
  'Recomputes session_profile and waiting_profile for one member from all facts, within what the administering member may bring about.';

create or replace function access_private.refresh(account uuid, members uuid[] default null) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  member uuid;
begin
  perform access_private.lock_account(account);
  for member in
    select m.user_id from access.member m
     where m.account_id = account and (members is null or m.user_id = any (members))
     order by m.user_id
  loop
    perform access_private.refresh_member(account, member);
  end loop;
end $$;
comment on function access_private.refresh(uuid, uuid[]) is
  'Recomputes session_profile for these members of an account, or for all of them.';

-- What an account has is for operators to say (T8), who hold nothing there: nobody is bound by what he holds himself.
create or replace function access_private.kind_changed() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  perform access_private.lock_account(new.id);
  perform access_private.write_profiles(new.id, m.user_id)
     from (select x.user_id from access.member x where x.account_id = new.id order by x.user_id) m;
  return null;
end $$;
comment on function access_private.kind_changed() is
  'After an account became one of another kind: its members hold what accounts of that kind have (P1).';

create or replace function access_private.refuse_cycle(account uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if exists (
    with recursive walk as (
      select e.team_id, e.parent_id from access.team_edge e
       where e.account_id = account and e.valid @> clock_timestamp()
      union
      select w.team_id, e.parent_id from walk w
        join access.team_edge e on e.team_id = w.parent_id
       where e.account_id = account and e.valid @> clock_timestamp()
    )
    select from walk w where w.team_id = w.parent_id
  ) then
    perform access.bad_input('parent', 'a team cannot stand below itself');
  end if;
end $$;
comment on function access_private.refuse_cycle(uuid) is 'U0400 where a team of the account stands below itself (T3).';

-- Only what differs is written: who is in none of the teams that it names has nothing to be computed anew.
create or replace function access_private.update_closure(account uuid) returns uuid[]
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  changed uuid[];
begin
  perform access_private.refuse_cycle(account);
  with recursive down as (
    select t.id as ancestor_id, t.id as descendant_id, 0 as depth from access.team t
     where t.account_id = account and t.deleted_at is null
    union all
    select d.ancestor_id, e.team_id, d.depth + 1 from down d
      join access.team_edge e on e.parent_id = d.descendant_id
     where e.account_id = account and e.valid @> clock_timestamp()
  ),
  gone as (
    delete from access_private.team_closure c
     where c.account_id = account
       and not exists (
         select from down d where d.ancestor_id = c.ancestor_id and d.descendant_id = c.descendant_id
       )
    returning c.ancestor_id
  ),
  come as (
    insert into access_private.team_closure (account_id, ancestor_id, descendant_id, depth)
      select account, d.ancestor_id, d.descendant_id, d.depth from down d
       where not exists (
         select from access_private.team_closure c
          where c.account_id = account and c.ancestor_id = d.ancestor_id and c.descendant_id = d.descendant_id
       )
      on conflict do nothing
    returning ancestor_id
  ),
  -- Higher or lower below the same team: nobody reaches more or less by it.
  shifted as (
    update access_private.team_closure c set depth = d.depth from down d
     where c.account_id = account and c.ancestor_id = d.ancestor_id and c.descendant_id = d.descendant_id
       and c.depth <> d.depth
  )
  select array(select g.ancestor_id from gone g union select c.ancestor_id from come c) into changed;
  return changed;
end $$;
comment on function access_private.update_closure(uuid) is
  'Brings the closure of an account''s teams up to date, refuses a cycle; the teams that reach more or less than before (T3, T4).';

create or replace function access_private.tree_changed(account uuid) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  had_teams boolean := exists (select from access_private.team_closure c where c.account_id = account);
  changed uuid[] := access_private.update_closure(account);
begin
  if had_teams is distinct from exists (select from access_private.team_closure c where c.account_id = account) then
    -- The first team and the last one turn team scope for everybody (T6).
    perform access_private.refresh(account);
  else
    -- Rows that are shared with a team are reached with it, by the same members.
    perform access_private.refresh(account, array(
      select distinct t.user_id from access.team_member t
       where t.account_id = account and t.team_id = any (changed)
         and (upper_inf(t.valid) or upper(t.valid) > clock_timestamp())
    ));
  end if;
end $$;
comment on function access_private.tree_changed(uuid) is
  'After a change of an account''s teams: recomputes the closure, and the members who reach more or less by it.';

-- One trigger function for every table of facts; its argument says whom a change concerns.
create or replace function access_private.facts_changed() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid;
begin
  for account in select distinct c.account_id from changed c order by c.account_id loop
    -- Both are statements of their own after the lock: they see what the one before us committed.
    perform access_private.lock_account(account);
    if tg_argv[0] = 'teams' then
      perform access_private.tree_changed(account);
    elsif tg_argv[0] = 'everybody' then
      perform access_private.refresh(account);
    elsif tg_argv[0] = 'roles' then
      perform access_private.refresh(account, array(
        select m.user_id from access.membership m join changed c on c.account_id = m.account_id
         where m.account_id = account and m.role_id = c.role_id
           and (upper_inf(m.valid) or upper(m.valid) > clock_timestamp())
        union
        select tm.user_id from access.team_member tm
          join access.team_role tr on tr.account_id = tm.account_id and tr.team_id = tm.team_id
          join changed c on c.account_id = tr.account_id and c.role_id = tr.role_id
         where tm.account_id = account
      ));
    elsif tg_argv[0] = 'roles of teams' then
      perform access_private.refresh(account, array(
        select tm.user_id from access.team_member tm
          join changed c on c.account_id = tm.account_id and c.team_id = tm.team_id
         where tm.account_id = account
      ));
    elsif tg_argv[0] = 'shares' then
      perform access_private.refresh(account, array(
        select c.user_id from changed c where c.account_id = account and c.user_id is not null
        union
        select tm.user_id from access.team_member tm
          join access_private.team_closure tc on tc.account_id = tm.account_id and tc.ancestor_id = tm.team_id
          join changed c on c.account_id = tc.account_id and c.team_id = tc.descendant_id
         where tm.account_id = account
      ));
    else
      perform access_private.refresh(account, array(
        select c.user_id from changed c where c.account_id = account
      ));
    end if;
  end loop;
  return null;
end $$;
comment on function access_private.facts_changed() is
  'After a change of facts: recomputes what depends on them, under the account''s lock.';

-- Our functions end a fact and begin another. A statement by hand that rewrites one concerns also whom it was a fact of.
create or replace function access_private.fact_rewritten() returns trigger
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  account uuid;
begin
  for account in
    select distinct w.account_id from was w
     where not exists (select from changed c where to_jsonb(c) - '{valid,ended_by}'::text[] = to_jsonb(w) - '{valid,ended_by}'::text[])
     order by w.account_id
  loop
    perform access_private.refresh(account);
  end loop;
  return null;
end $$;
comment on function access_private.fact_rewritten() is
  'After a fact became one of somebody else: recomputes everybody of the account that it was of.';
