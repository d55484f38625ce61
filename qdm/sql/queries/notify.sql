-- Tell %(payload)s to whoever listens to %(channel)s.
select pg_notify(%(channel)s, %(payload)s)
