-- The writes of the rest of this transaction go to a batch that an earlier transaction has begun. Who was away is told
-- all of it once more.
with again as (update {ws}.batch set xid = pg_current_xact_id() where id = %(batch)s returning id)
select set_config('qdm.batch', %(ws)s || ':' || id, true) from again
