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
