"""A write sent twice is carried out once, and answered twice with the same: by programs and by the open sheet."""
