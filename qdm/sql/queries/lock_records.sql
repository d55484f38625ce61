-- Lock these nodes in id order and return what they are: overlapping batches take turns instead of deadlocking.
select id, up, t, val from {ws}.node where id = any(%(ids)s) order by id for no key update
