-- Their transaction is this one: whoever asks what he missed since a point of the old workspace is told of everything.
copy {ws}.batch (id, at, actor, actor_name, via, note, undone_by) from stdin
