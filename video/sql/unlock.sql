-- Give back the right to capture one source.
SELECT pg_advisory_unlock(%s, %s)
