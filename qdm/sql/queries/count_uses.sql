-- Add to the statistics of which columns are asked by, in arrays of equal length.
select qdm.count_uses(%(ws)s, %(terms)s, %(requisites)s, %(kinds)s, %(uses)s)
