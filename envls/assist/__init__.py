"""What helps a person: hover, completion, code actions. Pure: it asks facts, and returns plain values."""
