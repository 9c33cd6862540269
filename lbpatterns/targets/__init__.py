"""Targets: what builds a load balancer from a spec, one folder each. No target imports another."""
