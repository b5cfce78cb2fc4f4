"""The paper's screens, as a browser meets them."""
