"""The tracing screen: who may look, what is shown, and that the look is written down."""
