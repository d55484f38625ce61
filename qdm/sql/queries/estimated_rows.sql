-- About how many rows a table has; NULL where there is none. Never looked at: by its size, 100 bytes a row.
select case when c.reltuples >= 0 then c.reltuples::bigint else pg_relation_size(c.oid) / 100 end
from pg_class c where c.oid = to_regclass(%(table)s)
