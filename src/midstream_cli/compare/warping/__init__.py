"""Two sequences warped onto each other: dynamic time warping and its kin."""
