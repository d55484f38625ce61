-- The load goes on into the projections of these new, empty terms of workspace %(ws)s.
select qdm.load_into(%(ws)s, %(terms)s::bigint[])
