"""Agreement of coders: patterns of codes, coefficients, standard errors, intervals."""
