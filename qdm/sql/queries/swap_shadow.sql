-- Put a shadow in the place of its projection; false where it is gone.
select qdm.swap_shadow(%(ws)s, %(term)s)
