-- Structure nodes this batch wrote, newest first: id, before, after.
select record, before, after from {ws}.change where batch = %(id)s and kind = 's' order by ver desc
