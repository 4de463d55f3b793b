-- Concern: of which modules a member has shares: his profile says so, and a member without any pays nothing (O8). Which rows
-- they are and for which actions is asked of the shares themselves. In PL/pgSQL, which keeps plans: all of this is asked once for
-- each member whom a change concerns.

create or replace function access_private.shares_of(account uuid, member uuid, at timestamptz) returns setof access.share
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
begin
  return query
    select s.* from access.share s
     where s.account_id = account and s.user_id = member and (upper_inf(s.valid) or upper(s.valid) > at)
    union all
    select s.* from access.share s
     where s.account_id = account
       and s.team_id in (
         select c.descendant_id from access.team_member t
           join access_private.team_closure c on c.account_id = t.account_id and c.ancestor_id = t.team_id
          where t.account_id = account and t.user_id = member and t.valid @> at
       )
       and (upper_inf(s.valid) or upper(s.valid) > at);
end $$;
comment on function access_private.shares_of(uuid, uuid, timestamptz) is
  'Shares that have not ended at a moment, with a member or with a team that he reaches then.';

create or replace function access_private.modules_shared_with(account uuid, member uuid, at timestamptz) returns text[]
  language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select array(select distinct s.module from access_private.shares_of(account, member, at) s where s.valid @> at)
  );
end $$;
comment on function access_private.modules_shared_with(uuid, uuid, timestamptz) is
  'Modules of which single rows are shared with a member at a moment.';
