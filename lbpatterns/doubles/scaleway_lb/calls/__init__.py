"""What answers each call, one file a resource; the table at the end of each file is its part of the API."""
