-- Rows of a database of version 7, beside those of the versions before it.
insert into neighbour (peer, delivered, heard, pruned) values
  ('44', 7, 5, 0);
insert into behind (peer, noticed_at, side, lost_after, lost_until, own_after, own_until, caught_up_at, complete) values
  ('44', 1795561507380, 'here', 3, 5, 6, 7, 1795561508380, 1);
insert into behind_lost (peer, noticed_at, place, what) values
  ('44', 1795561507380, 1, 'A2201002611253100009');
insert into aside (serial, peer, kind, letter_id, about, body) values
  (1000000, '44', 'later', '44-9', '44-9', '{}');
