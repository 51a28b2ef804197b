-- Rows of a database of version 3, beside those of the versions before it: one more credential.
insert into credential (pool, person, digest) values
  ('220100', '22010090000000000001', '5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a5a');
