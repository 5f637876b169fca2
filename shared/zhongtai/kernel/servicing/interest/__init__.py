"""The interest model (计息模型) of a loan kept day by day: what each repayment period owes, whatever happens to it.

`model` is what the account talks to; `spans` and `factors` are the calendar and the day count under it.
"""
