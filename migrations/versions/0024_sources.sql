-- Concern: whether definitions are those of a checkout is told by the files of which they were made, without making them.
alter table access_private.definition add column sources text collate "C" check (sources ~ '^[0-9a-f]{64}$');
comment on column access_private.definition.sources is
  'Checksum of the files of which the definitions were made; null where they were made for another registry than that of the checkout.';
