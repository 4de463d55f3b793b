-- Concern: the schema of the views through which analysts read.
create schema analyst authorization cloison_owner;
comment on schema analyst is 'Cloison: what analysts read. Views over tables and views of the same names, each row under the policies.';
