-- One structural change at a time in workspace %(ws)s; the same lock as qdm.restructure takes.
select pg_advisory_xact_lock(hashtext('qdm.restructure'), hashtext(%(ws)s))
