"""What runs in the child process: an uploaded file of any kind -> a spool of plain JSON rows.

Nothing here imports Django or touches the database, so that the child starts quickly, is small, and holds no secret
worth stealing. The parent never opens the uploaded file itself; it reads the spool.
"""
