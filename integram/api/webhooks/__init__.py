"""Webhooks: programs are told of the changes of a table.

A write leaves a job behind (``kick``); the worker collects what has changed since a webhook was told last
(``collecting``) and sends it, signed and again until it is taken (``sending``).
"""
