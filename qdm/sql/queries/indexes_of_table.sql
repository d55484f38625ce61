-- Of the projection %(table)s in %(ws)s: rows as the server estimates them, and the names of its valid indexes.
select c.reltuples::bigint,
       array(select i.relname::text from pg_index x join pg_class i on i.oid = x.indexrelid
             where x.indrelid = c.oid and x.indisvalid)
from pg_class c join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(ws)s and c.relname = %(table)s
