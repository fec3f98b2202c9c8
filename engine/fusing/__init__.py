"""Parts of the jobs ensemble and softlabels: teachers, their logits, weightings, and what is left of them."""
