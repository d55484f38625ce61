-- The batch the writes of this transaction go to: the open one (opened = false), else a new one; and the version of the
-- structure they are made in.
select id, opened, qdm.schema_version(%(ws)s)
from qdm.join_batch(%(ws)s, %(actor)s, %(actor_name)s, %(via)s, %(note)s)
