"""The answers as a page: text in any script, and never as HTML; cards as the search page has."""

import io
from pathlib import Path

import pytest
from conftest import visit
from PIL import Image

from seje.model.bank import Doubt
from seje.search.contact_sheet import contact_sheet
from seje.search.nearest import Hits
from seje.search.request import Given

TITLES = {
    "rtl": [
        "\u05de\u05e8\u05e7 \u05e2\u05d2\u05d1\u05e0\u05d9\u05d5\u05ea (hot!)",
        "\u0634\u0648\u0631\u0628\u0629 \u0637\u0645\u0627\u0637\u0645",
    ],
    "ltr": ["\u756a\u8304\u9e21\u86cb\u6c64", "<script>alert(1)</script>", "x" * 300],
}


def hit(title, place, photo="a.jpg"):
    found = {"score": 1 - place / 10, "title": title, "terms": ["<b>", "egg"], "photo": photo, "path": None}
    return found | {"id": str(place), "category": "background" if place else "<i>soup"}


def sheet(asked="soup"):
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "tomato").save(made, "JPEG")
    hits = [hit(title, place) for place, title in enumerate([*TITLES["rtl"], *TITLES["ltr"]])]
    hits += [hit("", 9), hit("No photo", 12, None)]
    doubt = Doubt(True, 1.0, "a.jpg: not sure: <img src=x>")
    return contact_sheet(
        asked, Hits(hits, ["<u>", "qwertz"], [doubt]), lambda _: made.getvalue(), "background"
    )


def test_what_was_asked_and_found_is_escaped():
    html = sheet("</title><script>alert(2)</script>")
    assert "<script" not in html and "<b>" not in html and "<i>" not in html and "<u>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;</strong>" in html and "<img src=x>" not in html
    assert "Not known: &lt;u&gt;, qwertz." in html and html.count("background</") == 0
    assert html.count("<img") == 6 and "A photo without a recipe" in html and ">No photo</span>" in html


@pytest.mark.parametrize(
    ("given", "line"),
    [
        (("tomato soup", None, None, [], []), "tomato soup"),
        (("soup", Path("a/b.json"), "egg, milk", ["salad"], ["x.jpg", "ham"]), None),
        ((None, None, None, ["pizza"], []), "+ pizza"),
    ],
)
def test_the_question_is_a_line(given, line):
    assert str(Given(*given)) == (line or "soup, b.json, egg, milk + salad \u2212 x.jpg \u2212 ham")


@pytest.mark.slow
@pytest.mark.parametrize(("width", "colours"), [(400, "dark"), (1400, "light")])
def test_in_a_browser_every_script_has_its_direction(browser, width, colours, tmp_path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    (tmp_path / "sheet.html").write_text(sheet(), encoding="utf-8")
    with visit(browser, (tmp_path / "sheet.html").as_uri(), width, colours) as page:
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        titles = page.locator(".title")
        told = titles.evaluate_all(
            "all => all.map(one => [getComputedStyle(one).direction, one.textContent])"
        )
        assert told[:5] == [[way, title] for way, titles in TITLES.items() for title in titles]
        assert all(box["height"] <= 2.1 * 24 for box in map(type(titles).bounding_box, titles.all()))
        assert axe.run(page).violations_count == 0


@pytest.mark.slow
def test_its_cards_are_those_of_the_search_page(browser, server, search, tmp_path):
    """The same parts in the same places: what a script makes of a hit, and what is written here."""
    parts = "one => [one, ...one.querySelectorAll('*')].map(part => [part.className, part.dir])"
    found = search.find(search.model.embed_recipes(["tomato soup"])[0], "recipes", 1)
    page = contact_sheet(
        "soup", Hits(found, [], []), lambda one: search.photo(one["photo"]), found[0]["category"]
    )
    (tmp_path / "sheet.html").write_text(page.replace('<span class="tag">1</span>', ""), encoding="utf-8")
    with (
        visit(browser, (tmp_path / "sheet.html").as_uri()) as written,
        visit(browser, f"{server}/?q=soup") as made,
    ):
        expected = made.locator("#recipes .card").first.evaluate(parts)
        assert written.locator(".card").evaluate(parts) == expected and len(expected) > 8
