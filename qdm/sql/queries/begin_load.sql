-- The rest of this transaction is a bulk load into workspace %(ws)s.
select qdm.begin_load(%(ws)s)
