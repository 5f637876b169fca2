"""Cash flows of financial contracts by the ACTUS standard: terms and observations in, events out (`engine`)."""
