"""The rule book as people read it: every rule there is, on a page, on a terminal, as JSON."""
