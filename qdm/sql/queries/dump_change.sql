-- What was done.
copy {ws}.change (record, ver, term, batch, kind, before, after) to stdout
