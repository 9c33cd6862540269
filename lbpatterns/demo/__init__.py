"""The demo: the three modes on a real load balancer of this machine, with servers that report what they received."""
