-- Which transactions are seen by now: where a reader that goes away stopped reading.
select pg_current_snapshot()::text
