copy {ws}.change (record, ver, term, batch, kind, before, after) from stdin
