copy {ws}.node (id, up, t, val) from stdin
