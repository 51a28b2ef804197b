-- 每个节点一个库。在主库上以 postgres 执行一次:psql -h 10.0.0.11 -U postgres -f databases.sql
-- One database a node. Once, on the leader, as postgres. Change the password.
create role yidi login password 'change-me-yidi';
create database yidi_hub owner yidi locale 'C' encoding 'UTF8' template template0;
create database yidi_22 owner yidi locale 'C' encoding 'UTF8' template template0;
create database yidi_31 owner yidi locale 'C' encoding 'UTF8' template template0;
