"""Training (建模): the workshop in which scorecards are made and measured; it serves nothing and keeps nothing."""
