"""Training on pictures in files: one loop for teachers and students, whatever is made smaller."""
