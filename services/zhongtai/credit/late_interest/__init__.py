"""Late interest (罚息): what is charged of an instalment that is not paid when it is due."""
