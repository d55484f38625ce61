-- Tell the triggers whether the next inserts have only new records, each together with all its cells: 'on' or 'off'.
-- Until the end of the transaction they may keep the rows of one statement in memory.
select set_config('qdm.whole_records', %(state)s, true), set_config('work_mem', '64MB', true)
