-- The three offices' books of a day, laid side by side.

-- A day is read in the order of its settlements.
create index journal_by_day on journal (happened, business_key, serial);
create index settlement_by_day on settlement (settled_day, settlement);
create index insured_settlement_by_day on insured_settlement (settled_day, settlement);

-- Days that this node is to state, and up to which journal every day was stated.
create table statement_due (day text primary key, asked_at bigint not null);
create table statement_mark (name text primary key, serial bigint not null);

-- Hub: who has stated which day (the hub itself as well), and what each office states for a pair.
create table statement_told (day text not null, member text not null, told_at bigint not null,
  primary key (day, member));
create table statement_head (
  day text not null,
  pool text not null,
  treatment text not null,
  party text not null,
  booked bigint not null,
  booked_digest text not null,
  recorded bigint not null,
  recorded_digest text not null,
  funds text not null,
  primary key (day, pool, treatment, party)
);

-- How the comparison of a pair stands: at the hub, and as the hub told it at both principals.
create table comparison (
  day text not null,
  pool text not null,
  treatment text not null,
  state text not null,
  run bigint not null,
  tries bigint not null,
  next_at bigint,
  changed_at bigint not null,
  primary key (day, pool, treatment)
);
create index comparison_by_clock on comparison (next_at);

-- What differs, with what each office holds, the proposed repair, and what a person decided.
create table difference (
  day text not null,
  pool text not null,
  treatment text not null,
  settlement text not null,
  kind text not null,
  data text not null,
  found_at bigint not null,
  repaired_at bigint,
  decision text,
  decided_by text,
  reason text,
  decided_at bigint,
  done_at bigint,
  primary key (day, pool, treatment, settlement)
);
create index difference_by_settlement on difference (settlement);

-- What people decided, for good: a difference that is repaired is forgotten, the decision is not.
create table decision (
  day text not null,
  pool text not null,
  treatment text not null,
  settlement text not null,
  decided_at bigint not null,
  kind text not null,
  decision text not null,
  decided_by text not null,
  reason text not null,
  primary key (day, pool, treatment, settlement, decided_at)
);

-- The daily check of the balances: what the entries of each account and month summed to at the last check, and what was
-- found. Only the entries since then are read again.
create table balance_checked (
  account text not null,
  month text not null,
  amount_fen bigint not null,
  primary key (account, month)
);
create table balance_alarm (
  account text not null,
  month text not null,
  stored_fen bigint not null,
  summed_fen bigint not null,
  found_at bigint not null,
  primary key (account, month)
);
