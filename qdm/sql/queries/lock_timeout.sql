-- Who waits for a lock of a whole table keeps all others waiting behind him: not for long.
set local lock_timeout = '5s'
