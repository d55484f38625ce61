-- The keys and indexes of a filled workspace {ws}, as create_workspace makes them.
set local maintenance_work_mem = '256MB';
alter table {ws}.change add primary key (record, ver);
create index change_order on {ws}.change using brin (ver, batch);
analyze {ws}.node, {ws}.change;
