"""A table as a file: the rows of a question, under the rights of whoever asks, in one of several formats."""
