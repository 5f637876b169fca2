"""Rating models (评级模型). Always true: the same version and inputs give the same probability for ever."""
