-- All rows of the bulk load into workspace %(ws)s are there: make what was put off.
select qdm.end_load(%(ws)s, %(terms)s::bigint[])
