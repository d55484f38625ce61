-- Upserts of one table of workspace %(ws)s take turns, so that two of one key do not both create.
select pg_advisory_xact_lock(hashtext('qdm.upsert:' || %(ws)s), hashint8(%(term)s))
