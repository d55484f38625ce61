-- The history is kept in parts: `batch_<n>` by id and `change_<n>` by stamp, both cut at the same moment, the last one
-- open. What is older than it is to be kept goes as whole tables, whatever its size.

-- Number of the open part of the entered workspace.
create or replace function qdm.open_part() returns int
  language sql stable
  as $$
    select max(substr(c.relname, 7)::int) from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'batch'::regclass
  $$;

-- End part `n` of a history table at `border` and open the next one.
create or replace function qdm.cut_part(parent text, n int, border bigint) returns void
  language plpgsql
  as $$
declare
  bounds text := (select pg_get_expr(relpartbound, oid) from pg_class where oid = format('%I_%s', parent, n)::regclass);
begin
  execute format('alter table %1$I detach partition %1$I_%2$s', parent, n);
  execute format('alter table %1$I attach partition %1$I_%2$s %3$s', parent, n,
                 replace(bounds, 'TO (MAXVALUE)', format('TO (%s)', border)));
  execute format('create table %1$I_%2$s partition of %1$I for values from (%3$s) to (maxvalue)', parent, n + 1, border);
end $$;

-- Close the open part and begin another. It waits for the writes under way, and those that come wait for it.
create or replace function qdm.cut_history() returns void
  language plpgsql
  as $$
declare
  n int;
begin
  lock table batch, change in access exclusive mode;
  n := qdm.open_part();
  -- Nobody is between his batch and his changes now, so all that is written lies below both borders.
  perform qdm.cut_part('batch', n, nextval('batch_id_seq'));
  perform qdm.cut_part('change', n, nextval('version_seq'));
end $$;

-- Begin a new part once the open one spans more than `span`; drop the parts with nothing in them since `before`.
-- Returns how many were dropped.
create or replace function qdm.trim_history(ws text, before timestamptz, span interval) returns int
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
  dropped int := 0;
  first timestamptz;
  newest timestamptz;
  seen xid8;
  n int;
begin
  execute format('select min(at) from batch_%s', qdm.open_part()) into first;
  if now() - first > span then
    perform qdm.cut_history();
  end if;
  for n in
    select substr(c.relname, 7)::int from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'batch'::regclass and substr(c.relname, 7)::int < qdm.open_part() order by 1
  loop
    execute format('select max(at) from batch_%s', n) into newest;
    exit when newest >= before;
    execute format('select xid from batch_%s order by xid desc limit 1', n) into seen;
    -- Who was away since before that has missed what nobody can tell him any more.
    update meta set forgotten = greatest(forgotten, seen);
    execute format('drop table batch_%1$s, change_%1$s', n);
    dropped := dropped + 1;
  end loop;
  perform set_config('search_path', path, true);
  return dropped;
end $$;

-- The history of a workspace made before there were parts becomes the first of them.
create or replace function qdm.part_history(ws text) returns void
  language plpgsql
  as $$
declare
  path text := qdm.enter(ws);
begin
  if (select relkind from pg_class where oid = 'change'::regclass) <> 'p' then
    alter table meta add column forgotten xid8;
    alter table batch alter id drop identity;
    create sequence batch_id_seq;
    perform setval('batch_id_seq', greatest(1, (select max(id) from batch)));
    alter table batch alter id set default nextval('batch_id_seq');
    alter table batch rename to batch_1;
    alter index batch_pkey rename to batch_1_pkey;
    alter index batch_xid rename to batch_1_xid_idx;
    create table batch (like batch_1 including all) partition by range (id);
    alter sequence batch_id_seq owned by batch.id;
    alter table batch attach partition batch_1 for values from (minvalue) to (maxvalue);
    alter table change rename to change_1;
    alter index change_pkey rename to change_1_pkey;
    alter index change_order rename to change_1_ver_batch_idx;
    create table change (like change_1 including all) partition by range (ver);
    alter table change attach partition change_1 for values from (minvalue) to (maxvalue);
  end if;
  perform set_config('search_path', path, true);
end $$;
