-- Schema and tables of a new workspace {ws}, empty, without triggers and without the indexes of node (qdm.index_nodes).
create schema {ws};

create table {ws}.node (id bigserial, up bigint not null, t bigint not null, val text);

-- Stamps of structural versions and of record versions: never given twice, rolled back or not, nor by a workspace of
-- the same name made anew, hence the start by the clock (microseconds, below 2^53 as JavaScript needs).
create sequence {ws}.version_seq;
select setval('{ws}.version_seq', (extract(epoch from clock_timestamp()) * 1000000)::bigint);
create table {ws}.meta (one boolean primary key default true check (one), version bigint not null,
                        -- The newest transaction whose history has been dropped.
                        forgotten xid8);
insert into {ws}.meta (version) values (nextval('{ws}.version_seq'));

-- The catalogue, derived from node: references are terms with a target and no base.
create table {ws}.term (id bigint primary key, name text, base smallint, target bigint,
                        projected boolean not null default false, pivot text);
create table {ws}.requisite (id bigint primary key, term bigint not null, type_id bigint not null, ord int,
                             base smallint not null, target bigint, subtable boolean not null,
                             multiple boolean not null, uniq boolean not null);
create index requisite_term on {ws}.requisite (term);
create index requisite_type on {ws}.requisite (type_id);

-- The history, in parts (07_history.sql). kind: c created, u updated, d to the trash, r restored, x erased, s structure.
create sequence {ws}.batch_id_seq;
create table {ws}.batch (id bigint primary key default nextval('{ws}.batch_id_seq'), at timestamptz not null default now(),
                         actor bigint, actor_name text not null, via text not null, note text, undone_by bigint,
                         -- Which snapshots saw it: how a reader that was away asks for what he missed.
                         xid xid8 not null default pg_current_xact_id()) partition by range (id);
alter sequence {ws}.batch_id_seq owned by {ws}.batch.id;
create table {ws}.batch_1 partition of {ws}.batch for values from (minvalue) to (maxvalue);
create index batch_xid on {ws}.batch (xid);
create table {ws}.change (record bigint not null, ver bigint not null, term bigint not null, batch bigint not null,
                          kind "char" not null, before jsonb, after jsonb, primary key (record, ver))
  partition by range (ver);
create table {ws}.change_1 partition of {ws}.change for values from (minvalue) to (maxvalue);
create index change_order on {ws}.change using brin (ver, batch);
select qdm.add_ladders('{ws}');

-- What a term without records is read from (qdm.schema.Term.table): always empty.
create table {ws}.none_text (id bigint, up bigint, val text, skey text collate "C", bad bigint[], ver bigint);
create table {ws}.none_numeric (like {ws}.none_text, v numeric);
create table {ws}.none_float (like {ws}.none_text, v double precision);
create table {ws}.none_date (like {ws}.none_text, v date);
create table {ws}.none_timestamp (like {ws}.none_text, v timestamp);
create table {ws}.none_boolean (like {ws}.none_text, v boolean);
create table {ws}.none_uuid (like {ws}.none_text, v uuid);
