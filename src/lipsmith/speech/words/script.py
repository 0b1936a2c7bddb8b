"""A text in which several speak: `[anna] Hello. [ben] Hi.`"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

_TAG = re.compile(r"\[([^\[\]\n]{1,40})\]:?[ \t]*")


@dataclass(frozen=True, slots=True)
class TextMark:
    """A name that the author gave to a place in a span.

    position: of the character that it stands before; the length of the text when it stands behind
    all of it, and before the pause of the next span.
    """

    name: str
    position: int = 0


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of text that is said in one manner.

    rate, pitch: factors, 1 is the voice's own. gain_db: 0 is the voice's own, -inf is silence.
    emphasis: "", "reduced", "moderate" or "strong". say_as: "" or "characters", letter by letter.
    ipa: how it is pronounced, "" as the voice knows it. pause_ms: of silence before it.
    marks: in order.
    """

    text: str
    rate: float = 1.0
    pitch: float = 1.0
    gain_db: float = 0.0
    emphasis: str = ""
    say_as: str = ""
    ipa: str = ""
    pause_ms: int = 0
    marks: tuple[TextMark, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether there is nothing to it but its text."""
        return self == Span(self.text)


@dataclass(frozen=True, slots=True)
class Turn:
    """What one voice says without another one coming in between.

    speaker: "" for who speaks when nobody is named. voice: as `--voice` names it; None is the
    speaker's. language: BCP 47, None is the voice's.
    """

    spans: tuple[Span, ...]
    speaker: str = ""
    voice: str | None = None
    language: str | None = None

    @property
    def text(self) -> str:
        return "".join(span.text for span in self.spans)

    @property
    def is_plain(self) -> bool:
        return all(span.is_plain for span in self.spans)


def parse_script(text: str, names: Sequence[str], warnings: list[str]) -> Iterator[Turn]:
    """The turns of a text in order; what stands before the first [name] has no speaker.

    names: of the speakers; upper and lower case are the same. Other brackets stay in the text, and
    those that look like a misspelled name are told in `warnings`.
    """
    known = {name.casefold(): name for name in names}
    speaker, start = "", 0
    for match in _TAG.finditer(text):
        tag = match[1].strip().casefold()
        if tag not in known:
            if near := get_close_matches(tag, known, n=1, cutoff=0.6):
                told = f"[{match[1]}] is no speaker and is said aloud; is it [{known[near[0]]}]?"
                if told not in warnings:
                    warnings.append(told)
            continue
        if text[start : match.start()].strip():
            yield Turn((Span(text[start : match.start()].strip()),), speaker)
        speaker, start = known[tag], match.end()
    if text[start:].strip():
        yield Turn((Span(text[start:].strip()),), speaker)
