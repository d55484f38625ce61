-- Drop one index, while others read and write.
drop index concurrently if exists {ws}.{index}
