-- Forget the shadow of a term.
select qdm.drop_shadow(%(ws)s, %(term)s)
