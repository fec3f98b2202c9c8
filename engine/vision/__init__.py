"""From videos to predictions: decoding, models, training. What needs torch says so in its first lines."""
