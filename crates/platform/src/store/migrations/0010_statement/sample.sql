-- Rows of a database of version 10, beside those of the versions before it.
insert into kept_file (file, institution, name, made_by, size_bytes, kept_at, expires_at, content) values
  ('4312611250000001', 'H31010490002', 'detail.txt', '9101', 5, 1795561507380, 1796166307380, 'QQlCCUM=');
insert into institution_statement (statement, institution, kind, from_day, to_day, refunds, made_at) values
  ('4312611250000002', 'H31010490002', 'inpatient', '2026-11-25', '2026-11-25', 1, 1795561507380);
insert into institution_difference (pool, person, statement, place, settlement, visit, msgid, side, difference, refund, fee_fen, listed) values
  ('220100', '22010090000000000035', '4312611250000002', 1, 'A2201002611253100001', 'S2201002611253100001', 'H31010490002202611252304', 1, 'missing', 0, 6240000, 0);
