-- The batch the writes of this transaction go to: the open one (opened = false), else a new one.
select id, opened from qdm.join_batch(%(ws)s, %(actor)s, %(actor_name)s, %(via)s, %(note)s)
