"""Systems whose answers are known: chaotic maps and flows, cycles, tori, decay and noise, as streams of numbers.

`systems` names them, with their equations in `maps`, `flows`, `delay` and `signals`; `playing` samples one, and adds
noise. All arithmetic is that of Python's floats, one step after the other: compiled code would round otherwise, and in
chaos that changes every number that follows.
"""
