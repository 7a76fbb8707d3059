"""The nearest of many points, but for those that are near in time."""
