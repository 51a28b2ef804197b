-- The first schema. Plain types only: bigint, text; instants are milliseconds UTC, days are yyyy-MM-dd.
-- Whatever belongs to one person is keyed first by the insured pool and the person.

create table counter (name text primary key, value bigint not null);

-- Letters between nodes: the outbox is the only copy until the receiver has committed.
create table outbox (
  serial bigint primary key,
  peer text not null,
  letter_id text not null,
  question text,
  body text not null,
  written_at bigint not null,
  attempts bigint not null default 0
);
create index outbox_by_peer on outbox (peer, serial);
create table inbox (letter_id text primary key, received_at bigint not null);

-- The books. A journal is never changed; a correction is a new journal.
create table journal (
  serial bigint primary key,
  business_key text not null,
  kind text not null,
  happened text not null,
  learned_at bigint not null
);
create index journal_by_key on journal (business_key, serial);
create table entry (
  journal bigint not null,
  line bigint not null,
  account text not null,
  amount_fen bigint not null,
  primary key (journal, line)
);
create index entry_by_account on entry (account, journal);
create table balance (account text primary key, amount_fen bigint not null);

-- Treatment office ------------------------------------------------------------------------------------------
create table received (
  institution text not null,
  infno text not null,
  msgid text not null,
  digest text not null,
  person text,
  received_at bigint not null,
  state text not null,
  answer text,
  settlement text,
  visit text,
  primary key (institution, infno, msgid)
);
create table session (sign_no text primary key, institution text not null, operator text not null,
  signed_in_at bigint not null, signed_out_at bigint);
create table visit (
  pool text not null,
  person text not null,
  visit text not null,
  institution text not null,
  kind text not null,
  state text not null,
  begin_at bigint not null,
  end_at bigint,
  data text not null,
  primary key (pool, person, visit)
);
create unique index visit_by_number on visit (visit);
create index visit_by_institution on visit (institution, kind, begin_at);
create table fee_line (
  pool text not null,
  person text not null,
  visit text not null,
  line text not null,
  place bigint not null,
  batch text,
  settlement text,
  data text not null,
  primary key (pool, person, visit, line)
);
create table settlement (
  pool text not null,
  person text not null,
  visit text not null,
  settlement text not null,
  institution text not null,
  infno text not null,
  msgid text not null,
  state text not null,
  settled_day text,
  data text not null,
  primary key (pool, person, visit, settlement)
);
create unique index settlement_by_number on settlement (settlement);
create table question (
  letter_id text primary key,
  state text not null,
  place text,
  institution text not null,
  infno text not null,
  msgid text not null,
  asked_at bigint not null,
  deadline_at bigint not null,
  context text not null
);
create index question_open on question (state, deadline_at);
create index question_by_message on question (institution, infno, msgid);
create index outbox_by_question on outbox (question);

-- Insured office --------------------------------------------------------------------------------------------
create table insured_person (
  pool text not null,
  person text not null,
  own_account_fen bigint not null,
  family_quota_fen bigint not null,
  data text not null,
  primary key (pool, person)
);
create table credential (digest text not null, pool text not null, person text not null, primary key (digest, pool, person));
create table filing (pool text not null, person text not null, filing text not null, data text not null,
  primary key (pool, person, filing));
create table accumulator (
  pool text not null,
  person text not null,
  insurance text not null,
  policy_year bigint not null,
  measure text not null,
  amount bigint not null,
  primary key (pool, person, insurance, policy_year, measure)
);
create table stay (
  pool text not null,
  person text not null,
  visit text not null,
  institution text not null,
  institution_name text not null,
  region text not null,
  version bigint not null,
  begin_day text not null,
  end_day text,
  state text not null,
  primary key (pool, person, visit)
);
create table insured_settlement (
  pool text not null,
  person text not null,
  settlement text not null,
  visit text not null,
  treatment text not null,
  state text not null,
  settled_day text,
  data text,
  primary key (pool, person, settlement)
);

-- Hub -------------------------------------------------------------------------------------------------------
create table directory (credential text not null, pool text not null, primary key (credential, pool));
create table suspension (province text primary key, since bigint not null, reason text not null);
create table relayed (letter_id text primary key, sender text not null, receiver text not null, what text not null,
  relayed_at bigint not null);

-- Registry --------------------------------------------------------------------------------------------------
create table institution (institution text primary key, data text not null);
