-- Rows of a database of version 5, beside those of the versions before it.
insert into statement_due (day, asked_at) values ('2026-11-25', 1795561507380);
insert into statement_mark (name, serial) values ('stated', 2);
insert into statement_told (day, member, told_at) values ('2026-11-24', '31', 1795561507380);
insert into statement_head (day, pool, treatment, party, booked, booked_digest, recorded, recorded_digest, funds) values
  ('2026-11-24', '220100', '31', 'hub', 1, 'a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1', 0,
   '0000000000000000000000000000000000000000000000000000000000000000', '{"resident_pool":70000}');
insert into comparison (day, pool, treatment, state, run, tries, next_at, changed_at) values
  ('2026-11-24', '220100', '31', 'differs', 2, 1, 1795561517380, 1795561507380);
insert into difference (day, pool, treatment, settlement, kind, data, found_at, decision, decided_by, reason, decided_at) values
  ('2026-11-24', '220100', '31', 'A2201002611253100001', 'version',
   '{"settlement":"A2201002611253100001","difference":{"kind":"version","at":"treatment","repair":{"decide":["confirm","insured"]}},"held":{}}',
   1795561507380, 'confirm', 'Li Wei', 'the same amounts', 1795561607380);
insert into balance_checked (account, month, amount_fen) values ('debt_of_pool/220100/31/390100', '2026-11', 70000);
insert into balance_alarm (account, month, stored_fen, summed_fen, found_at) values
  ('debt_of_pool/220100/31/390100', '2026-11', 70100, 70000, 1795561507380);
insert into decision (day, pool, treatment, settlement, decided_at, kind, decision, decided_by, reason) values
  ('2026-11-24', '220100', '31', 'A2201002611253100001', 1795561607380, 'version', 'confirm', 'Li Wei', 'the same amounts');
