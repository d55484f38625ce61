-- The kept ladder of an order of workspace %(ws)s: place, key, id, filled, total; place 0 ends it, nothing: none is kept.
select * from qdm.ladder(%(ws)s, %(term)s, %(requisite)s, %(most)s)
