"""The business day (营业日): the date the bank is on, where the platform keeps it itself."""
