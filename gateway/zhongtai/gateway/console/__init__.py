"""The console: pages for the bank's people, made on the server, asking the services as whoever signed in."""
