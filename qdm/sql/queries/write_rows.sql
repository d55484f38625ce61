-- Nodes deleted, changed, made and moved; ids of the new ones and versions of the records: schema/10_writes.sql.
select kind, id, ver
from qdm.write_rows(%(ws)s, %(rows)s, %(gone)s::bigint[], %(ids)s::bigint[], %(ups)s::bigint[], %(ts)s::bigint[],
                    %(vals)s::text[], %(new_ups)s::bigint[], %(new_ts)s::bigint[], %(new_vals)s::text[],
                    %(flipped)s::bigint[], %(records)s::bigint[])
