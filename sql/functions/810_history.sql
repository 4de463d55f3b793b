-- Concern: the history of access as GraphQL shows it. It runs as its caller, under the caller's policies.

create or replace view crm.access_changes with (security_invoker = true, security_barrier = false) as
  select l.account_id, l.id, l.at, l.kind, l.actor as actor_id, l.operator, l.user_id, l.team_id, l.role_id, l.module, l.row_id,
         case l.module
           {%- for m in registry.modules %}
           when '{{ m.name }}' then '{{ m.type_name }}:'
           {%- endfor %}
         end || l.row_id as row_key,
         access.known_state(l.before) as before, access.known_state(l.after) as after, l.reason, l.request, l.batch
    from access.access_log l;
comment on view crm.access_changes is 'The history of access as far as you may see it; people and teams that you may not know are left out.';

alter view crm.access_changes owner to cloison_owner;
