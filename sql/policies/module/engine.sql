-- Concern: definer functions see every row of {{ m.name }}. FORCE blinds even the table's owner, so the engine needs a policy.
create policy engine on crm.{{ m.name }} for all to cloison_engine using (true) with check (true);
comment on policy engine on crm.{{ m.name }} is 'The engine''s functions check for themselves.';
