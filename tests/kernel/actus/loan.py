"""The loan that the hand-made cases change: thirty days a month and twelve percent, so a month's interest is one."""

LOAN = {
    "contractType": "PAM",
    "contractID": "one",
    "contractRole": "RPA",
    "currency": "CNY",
    "statusDate": "2024-01-01T00:00",
    "initialExchangeDate": "2024-01-01T12:00",
    "maturityDate": "2024-07-01T00:00",
    "notionalPrincipal": "1000",
    "nominalInterestRate": "0.12",
    "dayCountConvention": "30E360",
    "cycleAnchorDateOfInterestPayment": "2024-04-01T00:00",
    "cycleOfInterestPayment": "P3ML1",
}
RESET = {
    "cycleAnchorDateOfRateReset": "2024-04-01T00:00",
    "cycleOfRateReset": "P3ML1",
    "marketObjectCodeOfRateReset": "LPR",
}
