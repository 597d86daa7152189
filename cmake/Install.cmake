# The library (all but training) with headers, the program, recipes and surveys.
