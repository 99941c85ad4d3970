"""The learner's side: the exercise index, a learner's folder, the runner and the diagnosis.

Nothing here imports jax: commands must answer at once.
"""
