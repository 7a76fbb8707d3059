"""What kind of motion a series is: embedding, exponents, dimensions, regimes, change."""
