"""Doors of upload forms that are looked at by the worker: letters in a mailbox, files at an address on the web."""
