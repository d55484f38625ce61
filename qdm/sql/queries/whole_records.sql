-- Tell the triggers whether the next inserts have only new records, each together with all its cells: 'on' or 'off'; and
-- which columns (the term for the main value) have only canonical texts in them, as JSON: column -> base.
-- Until the end of the transaction they may keep the rows of one statement in memory.
select set_config('qdm.whole_records', %(state)s, true), set_config('qdm.sure_columns', %(sure)s, true),
       set_config('work_mem', '64MB', true)
