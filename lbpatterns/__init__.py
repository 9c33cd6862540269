"""Offloading, bridging and passthrough load balancers for Pulumi."""
