-- Concern: the trash as GraphQL shows it. It runs as its caller, under the caller's policies. References to other rows are
-- left out, and people and teams whom the caller may not know.

create or replace view crm.trash with (security_invoker = true, security_barrier = false) as
  select e.account_id, e.id, e.module, e.row_id,
         case e.module
           {%- for m in registry.modules %}
           when '{{ m.name }}' then '{{ m.type_name }}:'
           {%- endfor %}
         end || e.row_id as row_key,
         e.label,
         access.known_state(e.content - case e.module
           {%- for m in registry.modules %}
           when '{{ m.name }}' then array['account_id', 'id', 'created_by', '{{ m.creator }}'
             {%- for link in m.to_one %}, '{{ link.column }}'{% endfor %}]
           {%- endfor %}
         end) as content,
         (
           select s.content from access.trash_sensitive s where s.account_id = e.account_id and s.id = e.id
         ) as sensitive,
         e.owner_id, e.deleted_by, e.operator, e.deleted_at
    from access.trash e;
comment on view crm.trash is
  'Deleted rows that you may restore: what they were, when they were deleted and by whom. sensitive is null where you may not see it.';

alter view crm.trash owner to cloison_owner;
