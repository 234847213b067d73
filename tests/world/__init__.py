"""The world's tests: real sources on loopback, a home of their own, no network."""
