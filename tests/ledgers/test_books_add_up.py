"""The books add up, whatever is written in them."""
