-- Put a shadow in the place of its projection; false where it is gone or for another shape.
select qdm.swap_shadow(%(ws)s, %(term)s, %(as_if)s::jsonb)
