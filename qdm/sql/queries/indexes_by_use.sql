-- Indexes by use of %(ws)s that stand or are wanted: name, definition, uses, stands, valid, wanted.
select * from qdm.indexes_by_use(%(ws)s, %(least_rows)s, %(least_uses)s, %(per_table)s, %(keep)s)
union all
select * from qdm.rule_indexes(%(ws)s, %(least_rows)s, %(least_uses)s, %(rules_per_table)s, %(keep)s)
order by uses desc, name
