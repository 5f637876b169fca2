"""The periods of a book (会计期间). Always true: a closed period takes no entry, and a closed year leaves no income."""
