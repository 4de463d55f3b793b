-- Concern: the server keeps plans of different roles apart (CVE-2024-10976): 15.10, 16.6, 17.2, or 18 and later. What a
-- profile may see is a constant in its plans, so on an older server one member's plan could answer another.
-- To mend: update PostgreSQL.
select format('PostgreSQL %s is too old', current_setting('server_version')) as violation
  from (select current_setting('server_version_num')::integer as number) v
 where v.number < 150010
    or v.number between 160000 and 160005
    or v.number between 170000 and 170001;
