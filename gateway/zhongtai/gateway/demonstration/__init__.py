"""The demonstration: a channel app and two members of the bank's staff, who know nothing but the HTTP door."""
