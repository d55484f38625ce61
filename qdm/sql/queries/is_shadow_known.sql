-- Whether every writer knows of the shadow; NULL where it is gone.
select qdm.is_shadow_known(%(ws)s, %(term)s)
