"""Screenings (风险筛查): whether a payment may go on, must be looked at by a person, or says too little."""
