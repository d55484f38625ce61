-- Node rows of a bulk load into workspace {ws}; the triggers see all of one COPY at once.
copy {ws}.node (id, up, t, val) from stdin
