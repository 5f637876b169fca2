"""Rating migration (评级迁徙). Always true: every row of a matrix sums to exactly 1."""
