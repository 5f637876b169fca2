"""Watchlists (名单): names that no payment goes to or comes from before a person has looked at it."""
