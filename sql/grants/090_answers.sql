-- Concern: who gives keys to mutations: members, each of whom has their own; the gateway forgets old ones.
grant execute on function access.claim(text, text, bytea), access.keep_answer(text, text, boolean), access.recall(text)
  to cloison_member;
grant execute on function access.forget_answers() to cloison_gateway;
