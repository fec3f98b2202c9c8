"""What a round of active learning is made of: labels, sides, judgement, and the question that is asked next."""
