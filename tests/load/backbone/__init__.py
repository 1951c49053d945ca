"""The bench of the backbone: outbox, relay and inbox against what others would use, side by side."""
