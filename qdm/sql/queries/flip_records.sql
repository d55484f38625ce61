-- Into the trash (up > 0) or out of it (up < 0).
update {ws}.node set up = -up where id = any(%(ids)s)
