-- Give back what take_turn took.
select pg_advisory_unlock(hashtext(%(what)s))
