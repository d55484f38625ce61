-- Indexes a shadow is to get (name, definition), or to lose (definition NULL).
select name, definition from qdm.shadow_indexes(%(ws)s, %(term)s)
