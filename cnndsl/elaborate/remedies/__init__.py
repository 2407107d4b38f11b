"""What is said of shapes that do not fit: the figures, and the changes that would make them fit, each one tried.

Loaded where there is a mistake: what words it would delay every start.
"""
