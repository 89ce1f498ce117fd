"""What several tests use: small spaces and networks, made-up accuracies, scripts run as processes."""
