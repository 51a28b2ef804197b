-- Every change of a settlement's state, at the office that made it, in the step that made it. Only ever added to.
create table settlement_event (
  pool text not null,
  person text not null,
  settlement text not null,
  office text not null,
  place bigint not null,
  event text not null,
  from_state text not null,
  to_state text not null,
  happened_at bigint not null,
  cause text not null,
  primary key (pool, person, settlement, office, place)
);
create index settlement_event_by_number on settlement_event (settlement, office, place);

-- Keys of the treatment office whose end is not known on both sides yet: the clock of each, and what was heard.
create table resolving (
  pool text not null,
  person text not null,
  settlement text not null,
  question text not null,
  probe text,
  since_at bigint not null,
  next_at bigint not null,
  asked_times bigint not null default 0,
  heard text,
  heard_at bigint,
  handed_over_at bigint,
  ordered text,
  ordered_by text,
  primary key (pool, person, settlement)
);
create index resolving_by_clock on resolving (next_at);
