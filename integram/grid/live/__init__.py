"""Live sheets: what others change is on the screen within a second.

PostgreSQL tells every web process at commit which records changed (``qdm.managers.listening``), whoever wrote them. A
``Room`` of a table gathers them, reads the records once for each distinct sight among its subscribers, and puts the
rows into their queues. Nothing but ids goes between processes, and nobody is sent what he may not see at that moment.
"""
