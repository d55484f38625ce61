-- Whether this session may do what only one may at a time; held until it gives it back or ends.
select pg_try_advisory_lock(hashtext(%(what)s))
