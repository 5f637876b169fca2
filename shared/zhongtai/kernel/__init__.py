"""Pure words of banking: money, rates, calendar, schedules, identifiers, refusals.

No clock, no store, no network.
"""
