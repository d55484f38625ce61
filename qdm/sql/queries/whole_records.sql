-- Tell the triggers whether the next inserts have only new records, each together with all its cells: 'on' or 'off'.
select set_config('qdm.whole_records', %(state)s, true)
