"""A paper being written: what was typed is kept, whatever it is."""
