"""The business date of a book (营业日切换). Always true: a date goes forward only, and postings never stop for it."""
