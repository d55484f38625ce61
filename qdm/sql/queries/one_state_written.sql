-- All statements of this transaction read the same state, which none but its own writes change.
set transaction isolation level repeatable read
