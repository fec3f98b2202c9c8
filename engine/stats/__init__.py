"""Numbers about predictions and labels; numpy and scipy, never torch."""
