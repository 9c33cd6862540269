"""The Pulumi components: arguments to spec, spec to constraints, and only then to resources."""
