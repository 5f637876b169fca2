"""The end of day (日终). Always true: what is posted of a day is the sum of its contracts' rows."""
