-- Concern: the history of access as GraphQL shows it. It runs as its caller, under the caller's policies.

create or replace view crm.access_changes with (security_invoker = true, security_barrier = false) as
  select l.account_id, l.id, l.at, l.kind, l.actor as actor_id, l.operator, l.user_id, l.team_id, l.role_id, l.module, l.row_id,
         case l.module
           {%- for m in registry.modules %}
           when '{{ m.name }}' then '{{ m.type_name }}:'
           {%- endfor %}
           else case when l.kind = 'invitation' then 'Invitation:' end
         end || l.row_id as row_key,
         access.known_state(l.before) as before, access.known_state(l.after) as after, l.reason, l.request, l.batch,
         case when access.knows_team(l.team_id) then l.team_id end as known_team_id
    from access.access_log l;
comment on view crm.access_changes is 'The history of access as far as you may see it; people and teams that you may not know are left out.';

-- The history goes on telling of teams that are gone; nothing else does.
create or replace view crm.teams_of_history with (security_invoker = true, security_barrier = false) as
  select t.account_id, t.id, t.name,
         (select e.parent_id from access.team_edge e
           where e.account_id = t.account_id and e.team_id = t.id and e.valid @> statement_timestamp()) as parent_id
    from access.team t;
comment on view crm.teams_of_history is 'As crm.teams, with the deleted ones, which who may view teams knows by name.';

alter view crm.teams_of_history owner to cloison_owner;
alter view crm.access_changes owner to cloison_owner;
