"""IPA to visemes."""

from __future__ import annotations

import unicodedata

import pytest

from lipsmith.core.motion import Viseme
from lipsmith.core.speech import Phone
from lipsmith.phonetics.espeak import EspeakProcess, EventKind
from lipsmith.phonetics.ipa import is_modifier, split_stress
from lipsmith.phonetics.visemes import _OF_LETTER, GLOTTALS, timed_visemes, visemes_of

SENTENCES = {
    "sit/cmn": "人人生而自由，在尊严和权利上一律平等。",
    "gmw/de": "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich.",
    "gmw/en-US": "The quick brown fox jumps over the lazy dog; measure a church, oh boy.",
    "gmw/en-GB-x-rp": "The nurse heard four poor men near the tower.",
    "roa/fr": "Portez ce vieux whisky au juge blond qui fume une bonne cigogne.",
    "roa/es": "El pingüino Wenceslao hizo kilómetros bajo exhaustiva lluvia y frío, añoraba.",
    "roa/it": "Quel fez sghembo copre davanti, gli gnocchi e la pizza.",
    "roa/pt-BR": "À noite, vovô Kowalsky vê o ímã cair no pé do pinguim queixoso.",
    "zle/ru": "Съешь же ещё этих мягких французских булок, да выпей чаю.",
    "zle/uk": "Жебракують філософи при ґанку церкви в Гадячі, ще й шатро їхнє п'яне.",
    "zlw/pl": "Zażółć gęślą jaźń, wszyscy ludzie rodzą się wolni.",
    "zlw/cs": "Příliš žluťoučký kůň úpěl ďábelské ódy.",
    "urj/hu": "Árvíztűrő tükörfúrógép, minden emberi lény szabadon születik.",
    "urj/fi": "Törkylempijävongahdus, kaikki ihmiset syntyvät vapaina.",
    "gmq/sv": "Flygande bäckasiner söka hwila på mjuka tuvor, sju sjösjuka.",
    "gmq/da": "Høj bly gom vandt fræk sexquiz på wc, rødgrød med fløde.",
    "gmw/nl": "Pa's wijze lynx bezag vroom het fikse aquaduct, schrijven.",
    "trk/tr": "Pijamalı hasta yağız şoföre çabucak güvendi.",
    "grk/el": "Ξεσκεπάζω την ψυχοφθόρα βδελυγμία, γειά σου.",
    "sem/ar": "يولد جميع الناس أحرارا متساوين في الكرامة والحقوق.",
    "sem/he": "כל בני האדם נולדו בני חורין ושווים בערכם.",
    "inc/hi": "सभी मनुष्यों को गौरव और अधिकारों के मामले में स्वतन्त्रता प्राप्त है।",
    "dra/ta": "மனிதப் பிறிவியினர் சகலரும் சுதந்திரமாகவே பிறக்கின்றனர்.",
    "ko": "모든 인간은 태어날 때부터 자유로우며 동등하다.",
    "jpx/ja": "すべてのにんげんは、うまれながらにしてじゆうであり、びょうどうである。",
    "aav/vi": "Tất cả mọi người sinh ra đều được tự do và bình đẳng.",
    "poz/id": "Semua orang dilahirkan merdeka dan mempunyai martabat.",
    "bnt/sw": "Watu wote wamezaliwa huru, hadhi na haki zao ni sawa.",
    "cel/cy": "Genir pawb yn rhydd ac yn gydradd â'i gilydd, llawer.",
    "ccs/ka": "ყველა ადამიანი იბადება თავისუფალი და თანასწორი.",
}


@pytest.mark.parametrize(
    ("symbol", "visemes"),
    [
        ("m", [Viseme.PP]),
        ("ph", [Viseme.PP]),
        ("f", [Viseme.FF]),
        ("θ", [Viseme.TH]),
        ("tʃ", [Viseme.CH]),
        ("ts", [Viseme.SS]),
        ("aɪ", [Viseme.AA, Viseme.IH]),
        ("əʊ", [Viseme.E, Viseme.OU]),
        ("ɑːɹ", [Viseme.AA, Viseme.RR]),
        ("ɔ̃", [Viseme.OH]),
        ("ç", [Viseme.KK]),
        ("l̩", [Viseme.NN]),
        ("", [Viseme.SIL]),
        ("h", []),
    ],
)
def test_symbols(symbol: str, visemes: list[Viseme]) -> None:
    assert list(visemes_of(symbol)) == visemes


def test_a_phone_is_filled_without_gaps_by_its_visemes() -> None:
    phones = [Phone("b", 0, 100), Phone("aʊ", 100, 1100, stress=2), Phone("", 1100, 1500)]
    timed = timed_visemes(phones)
    assert [(t.viseme, t.start, t.end) for t in timed] == [
        (Viseme.PP, 0, 100),
        (Viseme.AA, 100, 700),
        (Viseme.OU, 700, 1100),
        (Viseme.SIL, 1100, 1500),
    ]
    assert [t.stress for t in timed] == [0, 2, 2, 0]


@pytest.mark.parametrize(
    ("symbols", "expected"),
    [
        (["h", "uː"], [Viseme.OU, Viseme.OU]),
        (["ʔ", "h", "iː"], [Viseme.IH, Viseme.IH, Viseme.IH]),
        (["aː", "h", ""], [Viseme.AA, Viseme.AA, Viseme.SIL]),
        (["h"], [Viseme.E]),
    ],
)
def test_throat_sounds_take_the_shape_around_them(
    symbols: list[str], expected: list[Viseme]
) -> None:
    phones = [Phone(symbol, 10 * i, 10 * i + 10) for i, symbol in enumerate(symbols)]
    assert [timed.viseme for timed in timed_visemes(phones)] == expected


def test_a_phone_of_one_sample_has_one_viseme() -> None:
    assert [(t.start, t.end) for t in timed_visemes([Phone("aɪ", 5, 6)])] == [(5, 6)]


@pytest.mark.parametrize("voice", SENTENCES)
def test_every_letter_that_a_voice_uses_is_known(voice: str) -> None:
    seen = set()
    with EspeakProcess() as process:
        assert process.use(voice)
        for made in process.speak(SENTENCES[voice]):
            if isinstance(made, list):
                seen |= {e.phoneme for e in made if e.kind == EventKind.PHONEME}
    symbols = {split_stress(token)[0] for token in seen} - {""}
    assert len(symbols) > 8
    for symbol in symbols:
        letters = [c for c in unicodedata.normalize("NFD", symbol) if not is_modifier(c)]
        assert all(letter in _OF_LETTER or letter in GLOTTALS for letter in letters), symbol
