-- The nodes of workspace {ws}: the truth, trash included.
copy {ws}.node (id, up, t, val) to stdout
