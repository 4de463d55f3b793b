-- Concern: every account has at least one active super admin (T9).
-- A violation: nobody in the account can put anything right there.
-- To mend: `select access.set_super_admin(account, member, true)`, or set_status, as an operator.
select format('account %s (%s): has no active super admin', a.slug, a.id) as violation
  from access.account a
 where not exists (
   select from access.membership m
    where m.account_id = a.id and m.super_admin and m.status = 'active' and m.valid @> clock_timestamp()
 )
 order by 1;
