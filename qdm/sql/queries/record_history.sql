-- What happened to one record, newest first.
select h.ver, b.id, b.at, b.actor, b.actor_name, b.via, b.note, h.kind::text, h.before, h.after
from {ws}.change h join {ws}.batch b on b.id = h.batch
where h.record = %(record)s and h.term = %(term)s and h.ver < %(before)s
order by h.ver desc limit %(limit)s
