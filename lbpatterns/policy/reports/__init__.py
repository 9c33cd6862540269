"""What was found, in the formats that people and other programs read."""
