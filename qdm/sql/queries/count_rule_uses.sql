-- Add to the statistics of which rules people read by and in which order, in arrays of equal length.
select qdm.count_rule_uses(%(ws)s, %(terms)s, %(rules)s, %(requisites)s, %(uses)s)
