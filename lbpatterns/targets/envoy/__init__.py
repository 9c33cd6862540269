"""The Envoy target: a load balancer that is an Envoy process on this machine."""
