"""Many pairs at once: windows with templates, all pairs of a set, clusters."""
