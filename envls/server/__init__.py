"""The only room that speaks the language server protocol.

A handler is three moves: convert in, ask the core, convert out. No rule and no assist lives here; the core is
imported once the editor has its answer to `initialize`, so that it never waits for it.
"""
