"""The grader: it examines submissions that it does not trust. Nothing here imports jax when it starts."""
