-- Drop and make all projections of %(ws)s; how many.
select qdm.rebuild(%(ws)s)
