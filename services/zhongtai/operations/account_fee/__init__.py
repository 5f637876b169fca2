"""Fees of accounts (账户收费): tariffs as data, free numbers, waivers, what is charged, owed and given back."""
