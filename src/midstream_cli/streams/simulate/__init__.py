"""Streams that never were: a physical model of a WiFi link in a room, and a model of a model that talks.

`scenes` plays channel state and `tokens` plays token streams. A scene of channel state is a `script` of what happens in
a `room`: a `body` and `fixtures` in `motion`. The `link` sums the paths of the wave, by `propagation` and `shadow`;
`traffic` says when packets come, `radio` what a receiver makes of them, and `board` what it prints. `catalogue` knows
all scenes by name, and `wire` puts them into bytes.
"""
