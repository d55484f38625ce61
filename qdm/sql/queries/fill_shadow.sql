-- Fill the next piece of a shadow: up to which node it is filled, rows made, records to be asked for again.
select filled, rows, skipped from qdm.fill_shadow(%(ws)s, %(term)s, %(span)s)
