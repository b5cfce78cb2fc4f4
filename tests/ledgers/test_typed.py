"""What was typed into a paper, read by the one validator."""
