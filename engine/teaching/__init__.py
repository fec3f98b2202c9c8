"""Parts of the jobs teacher and distill: what is learnt from, how, how good it became, and what is left of it."""
