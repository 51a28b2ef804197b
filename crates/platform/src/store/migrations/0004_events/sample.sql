-- Rows of a database of version 4, beside those of the versions before it.
insert into settlement_event (pool, person, settlement, office, place, event, from_state, to_state, happened_at, cause) values
  ('220100', '22010090000000000035', 'A2201002611253100001', 'insured', 1, 'settlement_booked', 'absent', 'settled', 1795561507380, 'letter 31-9');
insert into resolving (pool, person, settlement, question, since_at, next_at) values
  ('110000', '11000090000000000002', 'A1100002611253100002', '31-12', 1795561507380, 1795561508380);
