-- The indexes of node in workspace %(ws)s, if they are not there yet.
select qdm.index_nodes(%(ws)s)
