-- What statements of institutions compare, beside the record, so that a month is added up without reading records.
alter table settlement add column kind text;
alter table settlement add column insurance text;
alter table settlement add column fee_fen bigint;
alter table settlement add column fund_fen bigint;
alter table settlement add column account_fen bigint;
alter table settlement add column cash_fen bigint;
alter table settlement add column takes_back text;
alter table settlement add column taken_back_by text;
alter table settlement add column settled_at bigint;
create index settlement_by_institution on settlement (institution, settled_at, settlement);
create index settlement_by_message on settlement (institution, msgid);

-- Files of institutions: uploaded by them, or made for them. The content is base64.
create table kept_file (
  file text primary key,
  institution text not null,
  name text not null,
  made_by text not null,
  size_bytes bigint not null,
  kept_at bigint not null,
  expires_at bigint not null,
  content text not null
);
create index kept_file_by_institution on kept_file (institution, expires_at);
create index kept_file_by_expiry on kept_file (expires_at);

-- Statements that were compared line by line, and what differed. What is not listed as a difference agreed.
create table institution_statement (
  statement text primary key,
  institution text not null,
  kind text not null,
  from_day text not null,
  to_day text not null,
  refunds bigint not null,
  made_at bigint not null
);
create index institution_statement_by_day on institution_statement (institution, kind, to_day);
create table institution_difference (
  pool text not null,
  person text not null,
  statement text not null,
  place bigint not null,
  settlement text not null,
  visit text not null,
  msgid text not null,
  side bigint not null,
  difference text not null,
  refund bigint not null,
  fee_fen bigint not null,
  listed bigint not null,
  primary key (pool, person, statement, place)
);
create index institution_difference_by_statement on institution_difference (statement, place);
