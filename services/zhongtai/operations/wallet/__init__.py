"""Wallets (电子钱包): accounts that are paid to by a phone number, which their holder proved to have."""
