-- The term node %(record)s is a record of; whether it is seen is asked of its projection.
select t from {ws}.node where id = %(record)s and up > 0
