"""Dimensions (核算维度): by what a balance is broken down beside its account."""
