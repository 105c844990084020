"""HTML in recipe text, as web pages and feeds leave it: entities become characters, tags go.

No parser: those drop whatever stands between angle brackets, also `<until done>`, and differ in what they do
with broken markup. All patterns take time linear in the text.
"""

import html
import re

_ELEMENTS = frozenset(
    """a abbr acronym address applet area article aside audio b base basefont bdi bdo bgsound big blink
    blockquote body br button canvas caption center cite code col colgroup data datalist dd del details dfn
    dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset h1 h2 h3 h4 h5 h6
    head header hgroup hr html i iframe img input ins kbd label legend li link main map mark marquee menu meta
    meter nav nobr noframes noscript object ol optgroup option output p param picture pre progress q rp rt
    ruby s samp script search section select slot small source span strike strong style sub summary sup svg
    table tbody td template textarea tfoot th thead time title tr track tt u ul var video wbr""".split()
)
# Elements within a word or a sentence; all others stand apart, so that `salt<br>pepper` is two words.
_INLINE = frozenset(
    """a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd mark nobr q s samp small span
    strike strong sub sup time tt u var wbr""".split()
)
_TAG = re.compile(r"""<(/?)([a-zA-Z][\w:-]*)((?:[^<>"']|"[^"]*"|'[^']*')*+)>""")
# What is never shown: comments, scripts and styles. One that does not end goes on to the end.
_HIDDEN = re.compile(
    r"<!--.*?(?:-->|$)|<(script|style)\b[^<>]*>.*?(?:</\1\s*>|$)|<![a-z][^<>]*>", re.S | re.I
)
_POWER = re.compile(r"(?<=\d)<sup\b[^<>]*>(?=\s*\d)", re.I)  # 1<sup>1</sup>/<sub>2</sub> is 1 1/2


def without_markup(text: str) -> str:
    """Unescape HTML entities once and take tags away; text between other angle brackets stays."""
    if "&" in text:
        text = html.unescape(text)
    if "<" in text:
        text = _TAG.sub(_replace, _POWER.sub(" ", _HIDDEN.sub(" ", text)))
    return text


def _replace(tag: re.Match[str]) -> str:
    closing, name, attributes = tag[1], tag[2].lower(), tag[3]
    if name in _INLINE:
        return ""
    known = name in _ELEMENTS or closing or "=" in attributes or ":" in name or "-" in name
    return " " if known else tag[0]
