"""Doubles of cloud APIs, for tests. None of them shares a line with what it is used to test."""
