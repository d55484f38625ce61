-- Other indexes stand in {ws}: whoever keeps its schema reads it anew.
update {ws}.meta set version = nextval(format('%%I.version_seq', %(ws)s::text)::regclass)
