-- How far each neighbour has come with our letters, and we with its. Letters that are delivered stay in the outbox for
-- some days, so that a neighbour that was put back to an earlier copy can be told again.
create table neighbour (
  peer text primary key,
  delivered bigint not null default 0,
  heard bigint,
  pruned bigint not null default 0
);
insert into neighbour (peer) select distinct peer from outbox;

-- Who was found to be behind whom, what is missing, and what cannot be got back.
create table behind (
  peer text not null,
  noticed_at bigint not null,
  side text not null,
  lost_after bigint not null,
  lost_until bigint not null,
  own_after bigint not null,
  own_until bigint not null,
  caught_up_at bigint,
  complete bigint,
  primary key (peer, noticed_at)
);
create table behind_lost (
  peer text not null,
  noticed_at bigint not null,
  place bigint not null,
  what text not null,
  primary key (peer, noticed_at, place)
);

-- Letters that wait until a node has caught up: its own that came back, and those that are newer than what it lacks.
create table aside (
  serial bigint primary key,
  peer text not null,
  kind text not null,
  letter_id text not null,
  about text not null,
  body text not null
);
create index aside_by_letter on aside (peer, kind, about);
