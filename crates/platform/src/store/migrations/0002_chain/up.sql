-- The chain of the books, balances by month, and the daily roots of all nodes.

-- A journal with its value in the chain. The journals that are there are copied in code, which knows the digest.
drop index journal_by_key;
alter table journal rename to journal_unchained;
create table journal (
  serial bigint primary key,
  business_key text not null,
  kind text not null,
  happened text not null,
  learned_at bigint not null,
  digest text not null
);
create index journal_by_key on journal (business_key, serial);

-- Where the chain ends. Journals count from 1 without a gap; this row gives the next number.
create table chain_head (name text primary key, serial bigint not null, digest text not null);
insert into chain_head (name, serial, digest)
  values ('journal', 0, '0000000000000000000000000000000000000000000000000000000000000000');
delete from counter where name = 'journal';

-- What the entries of an account sum to, by the month in which the act happened.
create table month_balance (
  account text not null,
  month text not null,
  amount_fen bigint not null,
  primary key (account, month)
);
insert into month_balance (account, month, amount_fen)
  select entry.account, substr(journal_unchained.happened, 1, 7), cast(sum(entry.amount_fen) as bigint)
  from entry join journal_unchained on journal_unchained.serial = entry.journal
  group by entry.account, substr(journal_unchained.happened, 1, 7);

-- Daily roots: this node's own, and those of the others as they came. Never changed but for the confirmation.
create table root (
  owner text not null,
  day text not null,
  serial bigint not null,
  digest text not null,
  learned_at bigint not null,
  confirmed_at bigint,
  primary key (owner, day)
);
create index root_by_serial on root (owner, serial);

-- A root that does not agree with what is held: an alarm for a person.
create table root_alarm (
  owner text not null,
  day text not null,
  serial bigint not null,
  digest text not null,
  told_by text not null,
  held text not null,
  learned_at bigint not null,
  primary key (owner, day, serial, digest)
);
