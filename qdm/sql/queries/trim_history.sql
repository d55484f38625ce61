-- Drop the old parts of the history of workspace %(ws)s; how many.
select qdm.trim_history(%(ws)s, %(before)s, %(span)s)
