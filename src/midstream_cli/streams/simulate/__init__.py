"""Streams that never were: a WiFi link in a room, a model of a model that talks, and systems of known answers.

`scenes` plays channel state, `tokens` token streams, and `dynamics` numbers. A scene of channel state is a `script` of
what happens in a `room`: a `body` and `fixtures` in `motion`. The `link` sums the paths of the wave, by `propagation` and
`shadow`; `traffic` says when packets come, `radio` what a receiver makes of them, and `board` what it prints. `catalogue`
knows all scenes by name, and `wire` puts them into bytes.
"""
