-- A snapshot as after this transaction: its own writes are before it, though it has not ended yet.
select format('%s:%s:', own.next, own.next)
from (select (pg_current_xact_id()::text::numeric + 1)::text as next) own
