-- Concern: what a change of tiers or of "restrict new content" means for content made from now on, and what stays and can only be
-- taken away (mission, section 4; O3): said in words where the change is made, since no row of today shows it.

create or replace function access_private.content_for_teams(account uuid) returns text[]
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select array(
      select m.name from access.module m
       where m.kind = 'asset'
         and (case m.tier when 'enterprise' then 2 when 'professional' then 1 else 0 end) <= coalesce((
           select max(case t.tier when 'enterprise' then 2 when 'professional' then 1 else 0 end)
             from access.account_tier t
            where t.account_id = account and (m.hub is null or t.hub = any (string_to_array(m.hub, ',')))
              and t.valid @> clock_timestamp()
         ), 0)
       order by m.name
    );
  end;
comment on function access_private.content_for_teams(uuid) is
  'Modules of content whose rows an account may give to teams at this very moment.';

create or replace function access_private.restricts_now(account uuid) returns boolean
  language sql volatile security definer set search_path = pg_catalog, pg_temp
  begin atomic
    select exists (
      select from access.account_setting s
       where s.account_id = account and s.name = 'restrict_new_content' and s.valid @> clock_timestamp()
    );
  end;
comment on function access_private.restricts_now(uuid) is 'Whether an account restricts new content at this very moment.';

create or replace function access_private.content_of_teams(
  account uuid, module_name text, out given bigint, out limited bigint, out beyond boolean
)
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  case module_name
    {% for m in registry.modules if m.kind == 'asset' -%}
    when '{{ m.name }}' then
      select count(*) filter (where x.seen), count(*) filter (where x.seen and x.restricted), coalesce(bool_or(not x.seen), false)
        into given, limited, beyond
        from (
          select t.restricted, session_user <> 'cloison_gateway' or access.{{ m.reach }}_within(
                   access.reach('{{ m.name }}', 'view'), {{ m.reach_of('t') }}, access.user_id(), access.team_keys()
                 ) as seen
            from crm.{{ m.name }} t where t.account_id = account and (t.restricted or t.team_ids <> '{}')
        ) x;
    {% endfor -%}
  end case;
end $$;
comment on function access_private.content_of_teams(uuid, text) is
  'How many rows of a module are restricted or given to teams, and how many of them are restricted, as far as the session sees them; and whether there are others.';

create or replace function access_private.shares_with_teams(account uuid, module_name text) returns bigint
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
  return (
    select count(*) from access.share s
     where s.account_id = account and s.module = module_name and s.team_id is not null and s.valid @> clock_timestamp()
       and access_private.knows_share(s)
  );
end $$;
comment on function access_private.shares_with_teams(uuid, text) is
  'How many rows of a module are shared with teams, as far as the session may know.';

-- Of another account an operator learns nothing but its tiers: no number, and not whether it restricts new content.
create or replace function access_private.note_new_content(account uuid, before text[], restricted_before boolean) returns void
  language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
  own boolean := session_user <> 'cloison_gateway' or account is not distinct from access.account_id();
  after text[] := access_private.content_for_teams(account);
  restricted_after boolean := access_private.restricts_now(account);
  module_name text;
  was boolean;
  now_is boolean;
  found record;
  shared bigint;
begin
  for module_name in select m.name from access.module m where m.kind = 'asset' order by m.name loop
    was := module_name = any (before);
    now_is := module_name = any (after);
    if not own and was and not now_is then
      perform access_private.note('STARTS_OPEN', module_name, null, format(
        'Where the account restricts new content, new %s start open all the same: below this tier all teams reach them.',
        module_name
      ));
    elsif own and was and restricted_before and not (now_is and restricted_after) then
      perform access_private.note('STARTS_OPEN', module_name, null, format(
        'New %s start open and are not restricted any more: whoever holds view on team scope sees them, of whatever team.',
        module_name
      ));
    elsif own and now_is and restricted_after and not (was and restricted_before) then
      perform access_private.note('STARTS_RESTRICTED', module_name, null, format(
        'New %s start restricted to the main team of whoever creates them.', module_name
      ));
    end if;
    if now_is and not was then
      perform access_private.note('FOR_TEAMS', module_name, null, format(
        'Rows of %s can be restricted, given to teams and shared with teams.', module_name
      ));
    elsif was and not now_is then
      perform access_private.note('NOT_FOR_TEAMS', module_name, null, format(
        'New %s cannot be restricted, given to teams or shared with teams.', module_name
      ));
      if own then
        select * into found from access_private.content_of_teams(account, module_name);
        if found.given > 0 or found.beyond then
          perform access_private.note('ASSIGNMENTS_ONLY_REMOVED', module_name, found.given, format(
            '%s %s are restricted or given to teams, %s of them restricted%s: that stays in force, and can only be taken away.',
            found.given, module_name, found.limited, case when found.beyond then ', and some that you may not see' else '' end
          ));
        end if;
        shared := access_private.shares_with_teams(account, module_name);
        if shared > 0 then
          perform access_private.note('TEAM_SHARES_ONLY_END', module_name, shared, format(
            '%s shares of %s with teams stay in force, and can only be ended.', shared, module_name
          ));
        end if;
      end if;
    end if;
  end loop;
end $$;
comment on function access_private.note_new_content(uuid, text[], boolean) is
  'After a change of tiers or of the setting: notes what will be different for content made from now on, and what can only be taken away, from which modules were for teams before and whether new content was restricted.';
