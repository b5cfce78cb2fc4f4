"""How fast we are, measured beside a reference in the same run, in a database that is thrown away."""
