"""Overdrafts (账户透支): how far, how long and at which rate an account may stand below nothing, and its interest."""
