-- Rows of a database of version 2, beside those of version 1, whose journal has got its chain.
insert into chain_head (name, serial, digest) values
  ('journal', 1, '') on conflict (name) do nothing;
insert into month_balance (account, month, amount_fen) values
  ('due_from_pool/220100/390100', '2026-10', 0);
insert into root (owner, day, serial, digest, learned_at, confirmed_at) values
  ('22', '2026-11-24', 1, '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0', 1795561507380, null);
insert into root_alarm (owner, day, serial, digest, told_by, held, learned_at) values
  ('22', '2026-11-24', 2, '66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0', '22', 'root of 2026-11-24 at journal 1', 1795561507380);
