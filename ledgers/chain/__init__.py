"""What an officer makes of a trace: opened for a reason, seen as of a day, drawn, weighed out and printed."""
