-- Terms (not references) with this name, compared without case; at most one.
select id, base from {ws}.term
where target is null and qdm.key(name) = qdm.key(%(name)s)
  and lower(name collate qdm.fold) = lower(%(name)s collate qdm.fold)
order by id limit 1
