-- All rows of an IntegramDD table, ids kept, cells beside their records.
insert into {ws}.node (id, up, t, val)
select id, up, t, val from {schema}.{table} order by coalesce(nullif(up, 1), id), id
