"""Structured questions: conditions, selections of columns with what they lead to, groups, pages."""
