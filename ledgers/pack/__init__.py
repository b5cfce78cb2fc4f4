"""The due-diligence pack: what shows that an enterprise checked what it bought and can name where it came from."""
