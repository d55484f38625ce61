-- Make the ladder of an order of workspace %(ws)s, in a transaction that reads one state.
select qdm.keep_ladder(%(ws)s, %(term)s, %(requisite)s, %(step)s, %(most)s)
