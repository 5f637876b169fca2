"""Term and notice deposits (定期、通知存款): money that stays for a term or until notice, at a rate of its own."""
