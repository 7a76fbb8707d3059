"""Logs as serial consoles print them, for Hypothesis: good records, and everything that happens to them."""

import base64
import re

from hypothesis import strategies as st

from midstream_cli.streams.csi_line import Fields

HERNANDEZ = Fields("role,mac,rssi,local_timestamp,real_timestamp,len", text="role", real="real_timestamp")
ESPRESSIF = Fields("id,mac,rssi,local_timestamp,rx_state,len", counted=True, sequence="id", packet_format=True)
CONSOLE = Fields(
    "sequence,timestamp,taget,mac,local_timestamp,len", text="taget", moment="timestamp", counted=True, base64_data=True
)
AMPLITUDE = Fields("role,mac,local_timestamp,len", text="role", pairs=False)
"""Few fields of each kind: what they are called, and how many there are, does not matter to the parser."""

WORDS = {
    "text": ("AP", "AP", "STA", "sit down", "", "CSI_DATA", "x" * 33, "A\x00", "\x00A", "\x07", "é"),
    "mac": ("20:50:0D:2A:A2:E4", "1a:00:00:00:00:00", "00:00:00:00:00:00", "20:50:0D:2A:A2", "20:50:0D:2A:A2:EG", ""),
    "real": ("4270.71", "12.5", "7", ".5", "5.", ".", "-1.5", "1.2.3", "1.23457e+06", "nan", "", "1234567890.1234567"),
    "moment": ("12345", "2024-03-01 10:20:30.123", "2024-03-01 10:20", "12345.5", "soon", ""),
    "int": (
        *("0", "9", "10", "99", "100", "127", "128", "255", "384", "428", "1384", "4294967295", "123456789012345"),
        *("-1", "-9", "-10", "-99", "-100", "-128", "-129", "-1142324325", "-123456789012345"),
        *("", "-", "+5", "-0", "05", "007", "--5", "5-3", "5-", " 5", "5 ", "1e3", "0x1", "A", "1234567890123456"),
    ),
}
TOKENS = ("-129", "128", "199", "200", "260", "2047", "-4096", "12345", "32767", "-32768", "32768", "-32769", "99999")
DAMAGED_TOKENS = (
    "100000",
    "000005",
    "+5",
    "--5",
    "5-3",
    "5-",
    "-",
    "1.5",
    "0x5",
    "-0",
    "05",
    "-05",
    "",
    "é",
    "\x00",
    "[",
)

LOG = (
    b"I (24) boot: ESP-IDF v5.5.4 2nd stage bootloader",
    b"\x1b[0;31mE (50123) task_wdt: Task watchdog got triggered.\x1b[0m",
    b"csi> ",
    b"sockets Max 10",
    b"RADAR_DADA,1,2,0.1,0,0,1,0.03,0",
    b"DEVICE_INFO,1,Jan 1 2024,ESP32",
    b"0 0 0 0 ]",
    b"]",
    b'-3,4]"',
    b"0D:2A:A2:E4,-72,4,[84 -64 4 0 ]",
    b',"[44,-64]"',
    b"app: 5,[1,2] and 3,[x]",
    b"\xef\xbf\xbd",
    b"\x00\x00",
    b"",
    b" ",
)
BOOT = b"ESP-ROM:esp32s3-20210327", b"rst:0x1 (POWERON),boot:0x8", b"ets Jun  8 2016 00:22:57"
TIMES = b",1619984033.7131004", b",12", b",walk", b",1619984033.5walk", b",1619984033.5[0m", b" 1619984033.5"
ENDS = b"\n", b"\n", b"\n", b"\r\n", b"\r\r\n", b"\n\n", b""
SCRATCHES = tuple(bytes([byte]) for byte in b'0123456789-+.,:[]"\r\n \x00\x1b\xffA_')


def words(fields: Fields, name: str, strange: st.SearchStrategy[bool]) -> st.SearchStrategy[str]:
    """What stands in a field: mostly, where it is not strange, what a board prints."""
    kind = next((kind for kind in ("text", "real", "moment") if name == getattr(fields, kind)), "int")
    known = WORDS["mac" if name == "mac" else kind]
    printed = st.integers(-130, 4_300_000_000).map(str) if known is WORDS["int"] else st.sampled_from(known[:2])
    return strange.flatmap(lambda odd: st.sampled_from(known) if odd else printed)


@st.composite
def records(draw: st.DrawFn, fields: Fields) -> bytes:
    """A record, mostly a good one."""
    strange = st.sampled_from((True, *[False] * 30))
    least = -128 if fields.pairs else 0
    numbers = [str(n) for n in draw(st.lists(st.integers(least, 127), min_size=1, max_size=3))] * (1 + fields.pairs)
    if draw(st.booleans()):
        numbers[draw(st.integers(0, len(numbers) - 1))] = draw(st.sampled_from(TOKENS))
    for i in range(len(numbers)):
        if draw(strange):
            numbers[i : i + 1] = draw(st.lists(st.sampled_from(DAMAGED_TOKENS), max_size=2))
    drawn = {name: draw(words(fields, name, strange)) for name in fields.names}
    if not draw(strange):
        drawn["len"] = str(len(numbers) * (1 if fields.pairs else 2))
    opening, between, closing = draw(st.sampled_from((("[", " ", " ]"), ('"[', ",", ']"'), ("[", ", ", "]"))))
    head = "CSI_DATA," + ",".join(drawn.values()) + ","
    if fields.base64_data and draw(st.booleans()):
        raw = bytes(int(number) % 256 for number in numbers if re.fullmatch(r"-?\d+", number, re.ASCII))
        return head.encode() + base64.b64encode(raw) + draw(st.sampled_from((b"", b"", b"", b"=", b"A", b"!")))
    time = draw(st.sampled_from((b"", b"", *TIMES)))
    return (head + opening + between.join(numbers) + closing).encode() + time


def headers(fields: Fields) -> list[bytes]:
    """As the firmware prints it, as newer firmware does, and with what programs add."""
    names = fields.header
    new_names = names.replace("rx_state", "rx_format")
    lines = f"type,{names},CSI_DATA", f"type,{new_names},data", f"host,type,{names},CSI_DATA,timestamp"
    return [line.encode() for line in lines]


@st.composite
def logs(draw: st.DrawFn, fields: Fields) -> bytes:
    """A log of a few lines, some of them damaged."""
    record = records(fields)
    other = st.sampled_from((*LOG, *BOOT, *headers(fields)))
    pieces = draw(st.lists(st.one_of(record, record, record, other), max_size=8))
    text = b"".join(piece + draw(st.sampled_from(ENDS)) for piece in pieces)
    return draw(damaged(text, least=0))


@st.composite
def damaged(draw: st.DrawFn, text: bytes, least: int = 1) -> bytes:
    """The same bytes, of which a few were lost, doubled, flipped or changed, and lines cut or put in between."""
    for _ in range(max(least, draw(st.sampled_from((0, 0, 0, 1, 1, 2, 4))))):
        begin = draw(st.integers(0, len(text)))
        end = draw(st.integers(begin, min(len(text), begin + draw(st.sampled_from((0, 1, 1, 5, 60))))))
        there, bit = text[begin:end], 1 << draw(st.integers(0, 7))
        flipped = bytes(byte ^ bit for byte in there)
        text = text[:begin] + draw(st.sampled_from((b"", there * 2, flipped, *SCRATCHES, *LOG, *BOOT))) + text[end:]
    return text


@st.composite
def chunks(draw: st.DrawFn, text: bytes) -> list[bytes]:
    """The same bytes, cut anywhere."""
    cuts = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
    return [text[begin:end] for begin, end in zip([0, *cuts], [*cuts, len(text)], strict=True)]
