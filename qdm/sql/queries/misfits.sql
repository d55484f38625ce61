-- Texts that do not fit their column: requisite (0 main value), number of records, an example record.
select b, count(*), min(p.id) from {ws}.{table} p cross join lateral unnest(p.bad) b
where p.bad is not null group by b order by b
