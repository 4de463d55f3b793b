-- Concern: helper views for analysts and the gateway. They run as their caller, under the caller's policies.

create or replace view crm.people with (security_invoker = true, security_barrier = false) as
  -- Of whom was erased, no address is known any more.
  select m.account_id, m.user_id as id, m.name, coalesce(u.email, access.address_of_nobody(m.user_id)) as email
    from access.member m left join access.app_user u on u.id = m.user_id;
comment on view crm.people is 'People of the account whom you may know: owners and creators of rows.';

create or replace view crm.teams with (security_invoker = true, security_barrier = false) as
  select t.account_id, t.id, t.name,
         (select e.parent_id from access.team_edge e
           where e.account_id = t.account_id and e.team_id = t.id and e.valid @> statement_timestamp()) as parent_id
    from access.team t
   where t.deleted_at is null;
comment on view crm.teams is 'Teams of the account that you may know; parent_id is null at the top, or where you may not know the parent.';

create or replace view crm.capabilities with (security_invoker = true, security_barrier = false) as
  select c.module, c.action, c.scopes from access.capabilities() c;
comment on view crm.capabilities is 'What you may do: per module and action, the scopes.';

create or replace view crm.viewer with (security_invoker = true, security_barrier = false) as
  select v.account_id, v.account_slug, v.account_name, v.account_kind, v.user_id, v.user_name, v.user_email,
         v.role, v.super_admin, v.main_team_id, v.team_ids,
         access.restricts_new_content() as account_restrict_new_content,
         access.modules_restricted_anew() as account_restricted_modules
    from access.viewer() v;
comment on view crm.viewer is 'Who you are: account, user, role and teams.';

create or replace view crm.shares with (security_invoker = true, security_barrier = false) as
  select s.account_id, s.id, s.module, s.row_id, s.user_id, s.team_id, s.actions, s.reason, s.given_by,
         lower(s.valid) as since, upper(s.valid) as until
    from access.share s
   where s.valid @> statement_timestamp();
comment on view crm.shares is
  'Single rows that are shared now, with whom and until when: those shared with you or by you, and of rows that you may assign.';

alter view crm.people owner to cloison_owner;
alter view crm.teams owner to cloison_owner;
alter view crm.capabilities owner to cloison_owner;
alter view crm.viewer owner to cloison_owner;
alter view crm.shares owner to cloison_owner;
