"""Shipped knowledge as plain data: what envls knows of the world without asking it."""
