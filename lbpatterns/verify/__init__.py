"""Verification: observe each leg of a load balancer with real traffic, and let the core judge what was seen."""
