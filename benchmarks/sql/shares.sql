-- Concern: single contacts shared with others than their owner: so many ($3), with each of these members ($2) in turn.
insert into access.share (account_id, module, row_id, user_id, actions, given_by)
select $1, 'contacts', chosen.id, chosen.receiver, '{view}', chosen.receiver
  from (
    select c.id, c.owner_id,
           ($2::uuid[])[1 + row_number() over (order by hashtext(c.id::text), c.id) % cardinality($2)] as receiver
      from crm.contacts c
     where c.account_id = $1 and c.owner_id is not null
  ) chosen
 where chosen.owner_id <> chosen.receiver
 limit $3
