"""The Pulumi provider plugin `lbpatterns-envoy`: the engine, spoken to over gRPC."""
