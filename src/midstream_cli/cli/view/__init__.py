"""The live view of a watched stream on a terminal, in parts: what it shows, how it looks, how it gets onto the screen."""
