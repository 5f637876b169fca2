"""Pledges (抵质押): what secures loans. Always true: pledges never cover more than their item is worth."""
