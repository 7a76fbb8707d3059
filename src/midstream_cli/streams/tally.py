"""What went wrong with a stream, counted and named while it is read."""

from collections import Counter
from dataclasses import dataclass, field


@dataclass(slots=True)
class Tally:
    """Counts of one stream, filled in by its transport and its format."""

    faults: Counter[str] = field(default_factory=Counter)
    """Malformed records by kind of damage; each was passed over."""
    examples: dict[str, str] = field(default_factory=dict)
    """Where the first of each kind of fault was met."""
    skipped: Counter[str] = field(default_factory=Counter)
    """No frame, and nobody's fault: log lines, vitals, pings, and lines that a live stream was joined or left within."""
    dropped: Counter[str] = field(default_factory=Counter)
    """Good frames that were left out on purpose or for want of room, by reason."""
    lost: int = 0
    """Frames that the sender numbered and that never came."""
    numbered: bool = False
    """The sender numbers its frames; where it does not, nobody knows how many were lost."""
    resets: int = 0
    """Restarts of the sender."""
    late: int = 0
    """Frames that came out of order and were put back."""
    usage: dict[str, int] = field(default_factory=dict)
    """What a model's provider said of its own token counts."""
    notes: list[str] = field(default_factory=list)
    """Sentences the user should read once."""

    @property
    def bad(self) -> int:
        """Malformed records of every kind."""
        return self.faults.total()

    def fault(self, name: str, where: str, count: int = 1) -> None:
        """Count a fault, and remember where its kind was first met."""
        self.faults[name] += count
        self.examples.setdefault(name, where)

    def note(self, sentence: str) -> None:
        """Say something once."""
        if sentence not in self.notes:
            self.notes.append(sentence)
