"""Many rows at once, from the operator's files: read, checked, written in batches, each accounted for."""
