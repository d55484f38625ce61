-- A shadow of the projection of a term, for columns of these shapes (qdm.projected_requisites).
select qdm.begin_shadow(%(ws)s, %(term)s, %(as_if)s::jsonb)
