-- A key that begins with the digest spreads the rows of one person over a distributed database.
create table credential_of_person (
  pool text not null,
  person text not null,
  digest text not null,
  primary key (pool, person, digest)
);
insert into credential_of_person (pool, person, digest) select pool, person, digest from credential;
drop table credential;
alter table credential_of_person rename to credential;
create index credential_by_digest on credential (digest);
