"""Where sentences end, in any script, so that a text can be said sentence by sentence.

A cut at the wrong place is heard as a wrong melody, a missed one is not heard at all, so whatever
is doubtful is no end: behind initials, numbers and common abbreviations, and before a small letter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_ABBREVIATIONS = frozenset(
    """
    mr mrs ms mx dr prof rev hon gen col capt lt sgt gov sen rep st mt ft jr sr vs etc no nos vol
    pp ed eds fig figs eq al approx dept est inc ltd co corp bros ca cf viz jan feb mar apr jun jul
    aug sep sept oct nov dec mon tue tues wed thu thur thurs fri sat sun ave blvd rd sq univ
    hr fr nr bd bzw usw evtl ggf inkl zzgl str tel vgl mio mrd abs art geb gest hrsg
    mme mlle mm me av env ex
    sra srta dra ud uds pág núm tel aprox
    sig sigg dott avv ing pag
    dhr mevr mw drs bijv enz blz
    tzv tj tzn např atd apod
    ул г гг им т тыс млн млрд руб
    """.split()  # noqa: SIM905
)
_WIDE_END = r"[。！？．｡]"
_NARROW_END = r"[.!?…।॥۔؟።។။]"
_END = re.compile(
    rf"""
    (?P<wide>(?<!{_WIDE_END}){_WIDE_END}++(?:[”’」』）】]+(?![ぁ-んァ-ン]))?)(?![”’」』）】，、])
    | (?P<narrow>(?<!{_NARROW_END}){_NARROW_END}++["'”’»)\]]*+)(?=\s)
    | (?P<blank>\n[^\S\n]*\n\s*)
    """,
    re.VERBOSE,
)
_WORD_BEFORE = re.compile(r"[\w.\-’']*$")


def sentence_ends(text: str) -> Iterator[int]:
    """Where each sentence begins but the first one: 0-based, behind the blanks, in order."""
    for match in _END.finditer(text):
        end = match.end()
        while end < len(text) and text[end].isspace():
            end += 1
        if end == len(text):
            return
        if match["narrow"] and not _is_end(text, match, end):
            continue
        yield end


def split_sentences(text: str) -> Iterator[str]:
    """The sentences of a text, with the blanks behind them; together they are the text."""
    start = 0
    for end in sentence_ends(text):
        yield text[start:end]
        start = end
    if start < len(text):
        yield text[start:]


def _is_end(text: str, match: re.Match[str], behind: int) -> bool:
    """Whether a narrow mark that is followed by a blank ends a sentence."""
    following = text[behind : behind + 8].lstrip("\"'“‘«([„¿¡-–—")
    if following[:1].islower():
        return False
    mark = match["narrow"]
    if mark[0] != "." or mark[:2] in ("..", ".!", ".?"):
        return True
    found = _WORD_BEFORE.search(text, max(0, match.start() - 24), match.start())
    word = found[0] if found else ""
    last = word.rpartition(".")[2]
    if len(last) == 1 and last.isalpha() and (last.isupper() or "." in word):
        return False  # J. Smith, e.g. Paris, D. C. Berman
    if last.isdigit():
        # "3. Oktober" goes on, "in 1999. Then" does not; before a digit it is a number in parts.
        return len(last) > 2 and not following[:1].isdigit()
    return last.lower() not in _ABBREVIATIONS
