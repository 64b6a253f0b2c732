"""The command line from its first moment: whoever stops it is told so, and what is printed depends on no terminal."""

from __future__ import annotations

import codecs
import signal
import sys
import unicodedata
from contextlib import suppress

PLAIN = {
    **{"✓": "ok", "✗": "x", "→": "->", "×": "x", "…": "...", "≤": "<=", "≥": ">=", "·": "-", "•": "-", "\u00a0": " "},
    **{"æ": "ae", "Æ": "Ae", "ø": "o", "Ø": "O", "ß": "ss", "đ": "d", "Đ": "D", "ŧ": "t", "ŋ": "n"},
    **dict.fromkeys("–—−‑─", "-"),
    **dict.fromkeys("“”«»„", '"'),
    **dict.fromkeys("‘’‚", "'"),
    **dict.fromkeys("│┃", "|"),
    **dict.fromkeys("╭╮╰╯┌┐└┘", "+"),
}
"""What stands for a sign in an encoding that has not got it; a letter that is not here loses its accent."""


def main() -> None:
    """The console script; exit code 128 and the signal's number where it was stopped."""
    for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None and signal.getsignal(number) != signal.SIG_IGN:  # as nohup sets it
            signal.signal(number, _stop)
    codecs.register_error("evalkit", degraded)
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="evalkit")
    from evalkit.errors import Stopped

    try:
        from evalkit.cli import obey

        obey()
    except Stopped as stop:
        with suppress(OSError):  # the terminal may be gone
            print(f"\nstopped by {stop}; earlier runs and reports are as they were", file=sys.stderr)
        raise SystemExit(128 + stop.number) from None


def _stop(number: int, frame: object) -> None:
    """What was begun is tidied up; who asks again has the process end at once."""
    from evalkit.errors import Stopped

    signal.signal(number, signal.SIG_DFL)
    raise Stopped(number)


def degraded(error: UnicodeError) -> tuple[str, int]:
    """What is printed for signs that the output's encoding has not got."""
    assert isinstance(error, UnicodeEncodeError)
    found = ""
    for sign in error.object[error.start : error.end]:
        letter = unicodedata.normalize("NFKD", sign)[:1]
        found += PLAIN.get(sign) or (letter if letter.isascii() and letter.isprintable() else "?")
    return found, error.end


if __name__ == "__main__":
    main()
