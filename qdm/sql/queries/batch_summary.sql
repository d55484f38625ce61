-- What batches did, by table and kind: number of records.
select batch, term, kind::text, count(*) from {ws}.change
where batch = any(%(ids)s) group by batch, term, kind order by batch, term, kind
