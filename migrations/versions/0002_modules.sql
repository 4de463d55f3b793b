-- Concern: the tables of the first five modules, their sensitive companions and the pairs of deals and contacts.
-- References are checked at the end of the transaction: the triggers that look under the caller's policies speak first, and
-- so a hidden row and an absent one are told apart by nobody. Every text has collation "C", whose comparisons an index can serve under row-level security; `*_lower` twins serve search
-- and order without regard to case.

set local role cloison_owner;

create table crm.companies (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  owner_id uuid default access.user_id(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  assigned_at timestamptz not null default now(),
  version integer not null default 1,
  team_id uuid,
  open_to_all boolean not null default false,
  team_key uuid not null generated always as (
    case when open_to_all then '00000000-0000-0000-0000-000000000000'::uuid
         else coalesce(team_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) end
  ) stored,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  domain text collate "C" check (char_length(domain) <= 253 and domain = lower(domain collate "default")),
  industry text collate "C" check (char_length(industry) <= 200),
  industry_lower text collate "C" generated always as (lower(industry collate "default")) stored,
  phone text collate "C" check (char_length(phone) <= 50),
  city text collate "C" check (char_length(city) <= 200),
  country text collate "C" check (char_length(country) <= 200),
  founded_year integer check (founded_year between 1000 and 3000),
  employee_count integer check (employee_count >= 0),
  annual_revenue_cents bigint check (annual_revenue_cents between 0 and 9007199254740991),
  description text collate "C" check (char_length(description) <= 10000),
  parent_id uuid,
  primary key (account_id, id),
  constraint companies_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action
    deferrable initially deferred,
  constraint companies_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action,
  constraint companies_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action
    deferrable initially deferred,
  constraint companies_parent_fkey foreign key (account_id, parent_id)
    references crm.companies (account_id, id) on delete no action
    deferrable initially deferred
);
comment on table crm.companies is 'Organisations the account deals with.';
create index companies_parent on crm.companies (account_id, parent_id) where parent_id is not null;

create table crm.contacts (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  owner_id uuid default access.user_id(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  assigned_at timestamptz not null default now(),
  version integer not null default 1,
  team_id uuid,
  open_to_all boolean not null default false,
  team_key uuid not null generated always as (
    case when open_to_all then '00000000-0000-0000-0000-000000000000'::uuid
         else coalesce(team_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) end
  ) stored,
  first_name text collate "C" check (char_length(first_name) <= 200),
  first_name_lower text collate "C" generated always as (lower(first_name collate "default")) stored,
  last_name text collate "C" not null check (char_length(last_name) between 1 and 200),
  last_name_lower text collate "C" generated always as (lower(last_name collate "default")) stored,
  email text collate "C" check (char_length(email) <= 320 and email = lower(email collate "default")),
  phone text collate "C" check (char_length(phone) <= 50),
  job_title text collate "C" check (char_length(job_title) <= 200),
  lifecycle_stage text collate "C" not null default 'lead' check (lifecycle_stage in (
    'subscriber', 'lead', 'marketing_qualified', 'sales_qualified', 'opportunity', 'customer', 'evangelist', 'other'
  )),
  city text collate "C" check (char_length(city) <= 200),
  country text collate "C" check (char_length(country) <= 200),
  last_contacted_at timestamptz,
  company_id uuid,
  primary key (account_id, id),
  constraint contacts_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action
    deferrable initially deferred,
  constraint contacts_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action,
  constraint contacts_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action
    deferrable initially deferred,
  constraint contacts_company_fkey foreign key (account_id, company_id)
    references crm.companies (account_id, id) on delete no action
    deferrable initially deferred
);
comment on table crm.contacts is 'People the company is in touch with.';
create index contacts_company on crm.contacts (account_id, company_id, created_at desc, id desc) where company_id is not null;

create table crm.deals (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  owner_id uuid default access.user_id(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  assigned_at timestamptz not null default now(),
  version integer not null default 1,
  team_id uuid,
  open_to_all boolean not null default false,
  team_key uuid not null generated always as (
    case when open_to_all then '00000000-0000-0000-0000-000000000000'::uuid
         else coalesce(team_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) end
  ) stored,
  name text collate "C" not null check (char_length(name) between 1 and 300),
  name_lower text collate "C" generated always as (lower(name collate "default")) stored,
  stage text collate "C" not null default 'prospecting' check (stage in (
    'prospecting', 'engaging', 'proposal', 'negotiation', 'won', 'lost'
  )),
  product text collate "C" check (char_length(product) <= 200),
  product_lower text collate "C" generated always as (lower(product collate "default")) stored,
  amount_cents bigint check (amount_cents between 0 and 9007199254740991),
  probability integer check (probability between 0 and 100),
  engaged_on date,
  expected_close_on date,
  closed_on date,
  company_id uuid,
  primary key (account_id, id),
  constraint deals_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action
    deferrable initially deferred,
  constraint deals_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action,
  constraint deals_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action
    deferrable initially deferred,
  constraint deals_company_fkey foreign key (account_id, company_id)
    references crm.companies (account_id, id) on delete no action
    deferrable initially deferred
);
comment on table crm.deals is 'Sales opportunities.';
create index deals_company on crm.deals (account_id, company_id, created_at desc, id desc) where company_id is not null;

create table crm.deal_contacts (
  account_id uuid not null default access.account_id(),
  deal_id uuid not null,
  contact_id uuid not null,
  primary key (account_id, deal_id, contact_id),
  constraint deal_contacts_deal_fkey foreign key (account_id, deal_id)
    references crm.deals (account_id, id) on delete no action
    deferrable initially deferred,
  constraint deal_contacts_contact_fkey foreign key (account_id, contact_id)
    references crm.contacts (account_id, id) on delete no action
    deferrable initially deferred
);
comment on table crm.deal_contacts is 'People involved in deals. A pair is visible where both of its ends are.';
create index deal_contacts_contact on crm.deal_contacts (account_id, contact_id, deal_id);

create table crm.tickets (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  owner_id uuid default access.user_id(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  assigned_at timestamptz not null default now(),
  version integer not null default 1,
  team_id uuid,
  open_to_all boolean not null default false,
  team_key uuid not null generated always as (
    case when open_to_all then '00000000-0000-0000-0000-000000000000'::uuid
         else coalesce(team_id, 'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid) end
  ) stored,
  subject text collate "C" not null check (char_length(subject) between 1 and 300),
  subject_lower text collate "C" generated always as (lower(subject collate "default")) stored,
  description text collate "C" check (char_length(description) <= 50000),
  status text collate "C" not null default 'new' check (status in (
    'new', 'waiting_on_contact', 'waiting_on_us', 'closed'
  )),
  priority text collate "C" not null default 'medium' check (priority in ('low', 'medium', 'high', 'urgent')),
  category text collate "C" check (char_length(category) <= 200),
  category_lower text collate "C" generated always as (lower(category collate "default")) stored,
  source text collate "C" check (source in ('email', 'chat', 'form', 'phone')),
  due_at timestamptz,
  closed_at timestamptz,
  contact_id uuid,
  primary key (account_id, id),
  constraint tickets_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action
    deferrable initially deferred,
  constraint tickets_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action,
  constraint tickets_team_fkey foreign key (account_id, team_id)
    references access.team (account_id, id) on delete no action
    deferrable initially deferred,
  constraint tickets_contact_fkey foreign key (account_id, contact_id)
    references crm.contacts (account_id, id) on delete no action
    deferrable initially deferred
);
comment on table crm.tickets is 'Customers'' requests for help.';
create index tickets_contact on crm.tickets (account_id, contact_id, created_at desc, id desc) where contact_id is not null;

create table crm.landing_pages (
  account_id uuid not null default access.account_id(),
  id uuid not null default access.uuid_v7(),
  owner_id uuid default access.user_id(),
  created_by uuid not null default access.user_id(),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  assigned_at timestamptz not null default now(),
  version integer not null default 1,
  team_ids uuid[] not null default '{}' check (array_ndims(team_ids) is not distinct from 1 or team_ids = '{}'),
  restricted boolean not null default false,
  title text collate "C" not null check (char_length(title) between 1 and 300),
  title_lower text collate "C" generated always as (lower(title collate "default")) stored,
  slug text collate "C" check (char_length(slug) <= 200 and slug = lower(slug collate "default")),
  domain text collate "C" check (char_length(domain) <= 253 and domain = lower(domain collate "default")),
  body text collate "C" check (char_length(body) <= 200000),
  meta_description text collate "C" check (char_length(meta_description) <= 500),
  status text collate "C" not null default 'draft' check (status in ('draft', 'published')),
  published_at timestamptz,
  primary key (account_id, id),
  constraint landing_pages_owner_fkey foreign key (account_id, owner_id)
    references access.member (account_id, user_id) on delete no action
    deferrable initially deferred,
  constraint landing_pages_created_by_fkey foreign key (account_id, created_by)
    references access.member (account_id, user_id) on delete no action
);
comment on table crm.landing_pages is 'Pages on the web that turn visitors into contacts.';
create index landing_pages_teams on crm.landing_pages using gin (team_ids) where restricted;

-- Sensitive columns: companions with a policy of their own, because a column grant is global and a mask is not (C9).

create table crm.contacts_sensitive (
  account_id uuid not null default access.account_id(),
  id uuid not null,
  birth_date date,
  home_address text collate "C" check (char_length(home_address) <= 1000),
  personal_phone text collate "C" check (char_length(personal_phone) <= 50),
  primary key (account_id, id),
  constraint contacts_sensitive_fkey foreign key (account_id, id)
    references crm.contacts (account_id, id) on delete no action
    deferrable initially deferred
);
comment on table crm.contacts_sensitive is 'What of a contact needs view_sensitive.';

create table crm.companies_sensitive (
  account_id uuid not null default access.account_id(),
  id uuid not null,
  tax_id text collate "C" check (char_length(tax_id) <= 50),
  credit_limit_cents bigint check (credit_limit_cents between 0 and 9007199254740991),
  primary key (account_id, id),
  constraint companies_sensitive_fkey foreign key (account_id, id)
    references crm.companies (account_id, id) on delete no action
    deferrable initially deferred
);
comment on table crm.companies_sensitive is 'What of a company needs view_sensitive.';

create table crm.deals_sensitive (
  account_id uuid not null default access.account_id(),
  id uuid not null,
  cost_cents bigint check (cost_cents between 0 and 9007199254740991),
  negotiation_note text collate "C" check (char_length(negotiation_note) <= 10000),
  primary key (account_id, id),
  constraint deals_sensitive_fkey foreign key (account_id, id)
    references crm.deals (account_id, id) on delete no action
    deferrable initially deferred
);
comment on table crm.deals_sensitive is 'What of a deal needs view_sensitive.';

create table crm.tickets_sensitive (
  account_id uuid not null default access.account_id(),
  id uuid not null,
  internal_note text collate "C" check (char_length(internal_note) <= 50000),
  primary key (account_id, id),
  constraint tickets_sensitive_fkey foreign key (account_id, id)
    references crm.tickets (account_id, id) on delete no action
    deferrable initially deferred
);
comment on table crm.tickets_sensitive is 'What of a ticket needs view_sensitive.';

-- The common page, for each scope: newest first, through the index that starts as the viewer's policy does.

create index companies_page on crm.companies (account_id, created_at desc, id desc);
create index companies_owner on crm.companies (account_id, owner_id, created_at desc, id desc);
create index companies_creator on crm.companies (account_id, created_by, created_at desc, id desc);
create index companies_team on crm.companies (account_id, team_key, created_at desc, id desc);

create index contacts_page on crm.contacts (account_id, created_at desc, id desc);
create index contacts_owner on crm.contacts (account_id, owner_id, created_at desc, id desc);
create index contacts_creator on crm.contacts (account_id, created_by, created_at desc, id desc);
create index contacts_team on crm.contacts (account_id, team_key, created_at desc, id desc);

create index deals_page on crm.deals (account_id, created_at desc, id desc);
create index deals_owner on crm.deals (account_id, owner_id, created_at desc, id desc);
create index deals_creator on crm.deals (account_id, created_by, created_at desc, id desc);
create index deals_team on crm.deals (account_id, team_key, created_at desc, id desc);

create index tickets_page on crm.tickets (account_id, created_at desc, id desc);
create index tickets_owner on crm.tickets (account_id, owner_id, created_at desc, id desc);
create index tickets_creator on crm.tickets (account_id, created_by, created_at desc, id desc);
create index tickets_team on crm.tickets (account_id, team_key, created_at desc, id desc);

create index landing_pages_page on crm.landing_pages (account_id, created_at desc, id desc);
create index landing_pages_owner on crm.landing_pages (account_id, owner_id, created_at desc, id desc);
create index landing_pages_creator on crm.landing_pages (account_id, created_by, created_at desc, id desc);

-- startsWith: ^@ is leakproof and reads a range of these.

create index companies_name_lower on crm.companies (account_id, name_lower);
create index companies_domain on crm.companies (account_id, domain);
create index companies_industry_lower on crm.companies (account_id, industry_lower);
create index contacts_first_name_lower on crm.contacts (account_id, first_name_lower);
create index contacts_last_name_lower on crm.contacts (account_id, last_name_lower);
create index contacts_email on crm.contacts (account_id, email);
create index deals_name_lower on crm.deals (account_id, name_lower);
create index deals_product_lower on crm.deals (account_id, product_lower);
create index tickets_subject_lower on crm.tickets (account_id, subject_lower);
create index tickets_category_lower on crm.tickets (account_id, category_lower);
create index landing_pages_title_lower on crm.landing_pages (account_id, title_lower);
create index landing_pages_slug on crm.landing_pages (account_id, slug);

-- contains: candidates inside one account (access.find_*).

create index companies_trigrams on crm.companies using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops, domain extensions.gin_trgm_ops, industry extensions.gin_trgm_ops);
create index contacts_trigrams on crm.contacts using gin (account_id extensions.uuid_ops, first_name extensions.gin_trgm_ops, last_name extensions.gin_trgm_ops, email extensions.gin_trgm_ops);
create index deals_trigrams on crm.deals using gin (account_id extensions.uuid_ops, name extensions.gin_trgm_ops, product extensions.gin_trgm_ops);
create index tickets_trigrams on crm.tickets using gin (account_id extensions.uuid_ops, subject extensions.gin_trgm_ops, category extensions.gin_trgm_ops);
create index landing_pages_trigrams on crm.landing_pages using gin (account_id extensions.uuid_ops, title extensions.gin_trgm_ops, slug extensions.gin_trgm_ops);

-- Statistics of columns are over all accounts, and EXPLAIN shows everybody the planner's estimates: none are kept of values.

alter table crm.contacts
  alter column first_name set statistics 0,
  alter column first_name_lower set statistics 0,
  alter column last_name set statistics 0,
  alter column last_name_lower set statistics 0,
  alter column email set statistics 0,
  alter column phone set statistics 0,
  alter column job_title set statistics 0,
  alter column city set statistics 0,
  alter column country set statistics 0,
  alter column last_contacted_at set statistics 0;
alter table crm.contacts_sensitive
  alter column birth_date set statistics 0,
  alter column home_address set statistics 0,
  alter column personal_phone set statistics 0;
alter table crm.companies
  alter column name set statistics 0,
  alter column name_lower set statistics 0,
  alter column domain set statistics 0,
  alter column industry set statistics 0,
  alter column industry_lower set statistics 0,
  alter column phone set statistics 0,
  alter column city set statistics 0,
  alter column country set statistics 0,
  alter column founded_year set statistics 0,
  alter column employee_count set statistics 0,
  alter column annual_revenue_cents set statistics 0,
  alter column description set statistics 0;
alter table crm.companies_sensitive
  alter column tax_id set statistics 0,
  alter column credit_limit_cents set statistics 0;
alter table crm.deals
  alter column name set statistics 0,
  alter column name_lower set statistics 0,
  alter column product set statistics 0,
  alter column product_lower set statistics 0,
  alter column amount_cents set statistics 0,
  alter column probability set statistics 0,
  alter column engaged_on set statistics 0,
  alter column expected_close_on set statistics 0,
  alter column closed_on set statistics 0;
alter table crm.deals_sensitive
  alter column cost_cents set statistics 0,
  alter column negotiation_note set statistics 0;
alter table crm.tickets
  alter column subject set statistics 0,
  alter column subject_lower set statistics 0,
  alter column description set statistics 0,
  alter column category set statistics 0,
  alter column category_lower set statistics 0,
  alter column due_at set statistics 0,
  alter column closed_at set statistics 0;
alter table crm.tickets_sensitive
  alter column internal_note set statistics 0;
alter table crm.landing_pages
  alter column title set statistics 0,
  alter column title_lower set statistics 0,
  alter column slug set statistics 0,
  alter column domain set statistics 0,
  alter column body set statistics 0,
  alter column meta_description set statistics 0,
  alter column published_at set statistics 0;
