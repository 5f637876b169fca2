"""What stops an account from paying (止付事由): each stop by its own name, so that lifting one lifts no other."""
