-- Nodes under lock, which of them are records, and cells: schema/10_writes.sql.
select kind, id, up, t, val
from qdm.held_rows(%(ws)s, %(rows)s, %(ids)s::bigint[], %(owners)s::bigint[], %(plain)s::bigint[], %(links)s::text[],
                   %(subtables)s::bigint[])
