-- What was done.
copy (select record, ver, term, batch, kind, before, after from {ws}.change) to stdout
