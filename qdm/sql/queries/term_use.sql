-- What stands in the way of deleting a term: live records; a requisite or a reference of its type.
select
  exists (select from {ws}.node n where n.t = %(id)s and n.up > 0
          and (n.up = 1 or not exists (select from {ws}.node p where p.id = n.up and p.up in (0, -2)))),
  exists (select from {ws}.node n where n.t = %(id)s
          and (n.up = 0 or exists (select from {ws}.term u where u.id = n.up)))
