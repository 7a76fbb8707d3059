"""How fast neighbours part: Lyapunov exponents, and tests for chaos."""
