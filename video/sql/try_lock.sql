-- Take the right to capture one source, held by this connection until it gives it back or ends.
SELECT pg_try_advisory_lock(%s, %s)
