"""The close of the day (日终): the jobs that lead to the closed date of a book, as one graph. The jobs act."""
