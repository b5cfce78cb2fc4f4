"""Where a lot went and came from, against a walk written the slow way."""
