"""Reviews of ratings (评级重检). Always true: a customer has at most one open review."""
