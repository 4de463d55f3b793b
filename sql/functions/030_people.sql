-- Concern: what a member may know of the account, its people and its teams, and of himself.

-- Definer: memberships are out of the caller's reach, and a policy on them that asked them would recurse.
create or replace function access.known_people() returns uuid[]
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select array(
      select m.user_id from access.member m
       where m.account_id = access.account_id()
         and ((select access.reach('users', 'view')) <> 0 or m.user_id = (select access.user_id()))
       union
      select t.user_id from access.team_member t
       where t.account_id = access.account_id() and t.team_id = any ((select access.team_keys())::uuid[])
         and t.valid @> statement_timestamp()
    );
  end;
comment on function access.known_people() is
  'Users of the account whom the session may know: himself, members of teams that he reaches; all of them with users view.';

create or replace function access.known_addresses() returns uuid[]
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select array(
      select unnest(access.known_people())
      except
      select m.user_id from access.member m where m.account_id = access.account_id() and m.erased_at is not null
    );
  end;
comment on function access.known_addresses() is
  'Of access.known_people(), those who were not erased here: whether another account knows them, this one does not learn.';

create or replace function access.knows_person(person uuid) returns boolean
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select exists (
      select from access.member m
       where m.account_id = access.account_id() and m.user_id = person
         and (
           access.reach('users', 'view') <> 0 or m.user_id = access.user_id()
           or exists (
             select from access.team_member t
              where t.account_id = m.account_id and t.user_id = person and t.team_id = any (access.team_keys())
                and t.valid @> statement_timestamp()
           )
         )
    );
  end;
comment on function access.knows_person(uuid) is 'Whether a user is among access.known_people(), without making the list.';

create or replace function access.capabilities()
  returns table (module text, action text, scopes text[])
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select c.module, c.action, array_agg(c.scope order by c.scope)
      from access_private.profile_capability c
     where c.profile = access.profile() and c.scope not in ('shared', 'unmasked')
     group by c.module, c.action;
  end;
comment on function access.capabilities() is 'What the session''s profile holds. What follows from shares, and from what the account does not mask, is not listed: it is not held.';

create or replace function access.viewer() returns table (
  account_id uuid, account_slug text, account_name text, account_kind text,
  user_id uuid, user_name text, user_email text,
  role text, super_admin boolean, main_team_id uuid, team_ids uuid[]
)
  language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select a.id, a.slug, a.name, a.kind, u.id, p.name, u.email, r.name, m.super_admin,
           (select t.team_id from access.team_member t
             where t.account_id = a.id and t.user_id = u.id and t.is_main and t.valid @> statement_timestamp()),
           array(select t.team_id from access.team_member t
                  where t.account_id = a.id and t.user_id = u.id and t.valid @> statement_timestamp()
                  order by t.team_id)
      from access.account a
      join access.membership m
        on m.account_id = a.id and m.user_id = access.user_id() and m.valid @> statement_timestamp()
      join access.role r on r.account_id = m.account_id and r.id = m.role_id
      join access.member p on p.account_id = m.account_id and p.user_id = m.user_id
      join access.app_user u on u.id = m.user_id
     where a.id = access.account_id();
  end;
comment on function access.viewer() is 'The session''s own account, user, role and teams; one row.';
