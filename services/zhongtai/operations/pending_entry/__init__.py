"""A pending entry (待决凭证): what is held until it is posted, given back or lapses."""
