-- Names of the indexes in %(ws)s that are being built now, with the part that is done of what is known, percent.
select c.relname, case when p.blocks_total > 0 then (p.blocks_done * 100 / p.blocks_total)::int else 0 end
from pg_stat_progress_create_index p join pg_class c on c.oid = p.index_relid join pg_namespace n on n.oid = c.relnamespace
where n.nspname = %(ws)s
