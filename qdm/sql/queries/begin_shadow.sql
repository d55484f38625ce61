-- A shadow of the projection of a term, for these types: requisite -> base.
select qdm.begin_shadow(%(ws)s, %(term)s, %(as_if)s::jsonb)
