-- All statements of this transaction read the same state; it writes nothing.
set transaction isolation level repeatable read, read only
