-- Concern: whom lines name as owners, with their main teams, and which teams, as ids. Filled by the member, read beside
-- the staged rows.

create temporary table import_people (
  email text collate "C" primary key,
  id uuid not null,
  main_team uuid
) on commit drop;

create temporary table import_teams (
  key text collate "C" primary key,
  id uuid not null
) on commit drop;

grant select, insert on pg_temp.import_people, pg_temp.import_teams to cloison_member;
