-- Orders of workspace %(ws)s whose ladder is to be made: term, requisite (0: the main value).
select * from qdm.ladders_due(%(ws)s, %(least)s, %(most)s)
