-- Describe every term of a workspace anew in its catalogue and bring projections to it; ids of those that have one.
select qdm.redescribe(%(ws)s)
