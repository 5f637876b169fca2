"""Ratings (信用评级): the grade of a customer on the master scale. Always true: nothing that was given is erased."""
