-- Close the open batch: a later write of the same outer transaction is none of it.
select set_config('qdm.batch', '', true)
