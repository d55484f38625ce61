-- Versions of these records of one projection.
select id, ver from {ws}.{table} where id = any(%(ids)s)
