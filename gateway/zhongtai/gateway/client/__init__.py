"""A client (调用方): a program or person that may call the platform, with its rights, secrets and bounds."""
