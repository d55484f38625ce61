-- In what the projections and the catalogue of %(ws)s differ from a rebuild; no row: in nothing.
select term_id, record, problem from qdm.check(%(ws)s) limit %(limit)s
