-- %(count)s new node ids of a workspace as ranges (first, number).
select first, number from qdm.reserve(%(ws)s, %(count)s)
