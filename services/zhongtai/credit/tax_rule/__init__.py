"""Taxes (税费): value added tax on what a loan earns, stamp duty on what is lent; a value two components share."""
