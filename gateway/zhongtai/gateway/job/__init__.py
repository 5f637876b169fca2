"""Jobs (定时作业): what the bank does by itself, at the end of a date or by the clock. Each call acts once."""
