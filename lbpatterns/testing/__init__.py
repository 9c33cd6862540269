"""Help for tests of other projects."""
