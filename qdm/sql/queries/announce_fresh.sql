-- Requisites made in this transaction: qdm.has_cells need not look for their cells.
select set_config('qdm.fresh', %(ids)s, true)
