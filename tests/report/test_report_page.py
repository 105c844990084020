import base64
import io
import re
from html.parser import HTMLParser

import pytest
from conftest import visit
from PIL import Image

from seje.look.card import Card
from seje.report.charts import chart
from seje.report.page import Query, page


def jpeg(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def card(title: str, *terms: str, photo: bool = True, cosine: float | None = 0.5) -> Card:
    return Card(title, jpeg("tomato") if photo else None, terms, "soup", cosine)


def make() -> str:
    found = {"MedR": 3.0, "R@1": 0.25, "R@5": 0.5, "R@10": 0.75}
    ways = {"image_to_recipe": found, "recipe_to_image": found}
    ends = {name: {"std": 0.1, "low": value / 2, "high": value * 2} for name, value in found.items()}
    results: dict = {
        "all": ways,
        "spread": {"all": dict.fromkeys(ways, ends)},
        "pools": {"all": {"candidates": 50, "pairs": 50, "draws": 1}},
        "test_pairs": 50,
    }
    ranked = {name: results[name] for name in ("all", "spread")}
    results["baselines"] = {"chance": {"all": found}, "category": {"all": found}, "cca": ranked}
    results["within_source"] = ranked
    rows = [{"k": k, "one": k / 10, "two": k / 20} for k in (1, 2, 5, 10)]
    charts = [("Recall", chart(rows, "k", ["one", "two"], "recall", logarithmic=True))]
    answers = [card("Fish <Soup>" + " of the day" * 20, "cod", "dill"), card("Stew", "beef")]
    queries = [
        Query(card("Soup & Bread", "cod", "rye", cosine=None), answers, 1, 2),
        Query(card("Cake", "egg", photo=False, cosine=None), answers, None, 40),
    ]
    return page(results, charts, [("Recipes for a photo", queries)])


class Parts(HTMLParser):
    """Collects tags and what they refer to."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_the_right_answer_is_marked_and_shared_terms_are_bold():
    html = make()
    assert html.count('class="card right"') == html.count("\u2713 right") == 1
    assert html.index("\u2713 right") < html.index("Stew") < html.index("Right answer at rank 40")
    assert "<b>cod</b>, dill" in html and "<b>cod</b>, <b>rye</b>" in html and "<b>beef</b>" not in html
    assert "Right answer at rank 2" in html and "Right answer at rank 40" in html


def test_text_is_escaped_and_numbers_are_there():
    html = make()
    assert "Fish &lt;Soup&gt;" in html and "<Soup>" not in html and "Soup &amp; Bread" in html
    for text in (
        "3.0",
        "0.250",
        "0.125 - 0.500",
        "true category, random within it",
        "CCA, same features, image",
    ):
        assert text in html
    assert "within its source, recipe to image" in html and "all 50" in html


def test_nothing_points_outside():
    parts = Parts()
    parts.feed(make())
    for tag, attributes in parts.found:
        assert tag not in {"script", "link", "iframe", "object", "base"}
        for name in ("src", "href", "xlink:href", "srcset", "poster"):
            assert re.match(r"data:image/jpeg;base64,|#", attributes.get(name) or "#"), attributes
    photos = [attributes["src"] for tag, attributes in parts.found if tag == "img"]
    assert len(photos) == 5
    assert Image.open(io.BytesIO(base64.b64decode(photos[0].split(",")[1]))).size == (40, 30)
    assert not re.search(r"@import|url\((?!['\"]?#)", make())


def test_the_same_bytes_each_time():
    assert make() == make()


def test_charts_take_the_colour_of_the_page_and_fill_their_place():
    svg = chart([{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}], "epoch", ["loss"], "loss")
    head = svg[: svg.index(">")]
    assert svg.startswith("<svg") and "viewBox" in head and "width=" not in head and "height=" not in head
    assert "currentColor" in svg and "#010203" not in svg and "metadata" not in svg
    assert ">epoch<" in svg and ">loss<" in svg


@pytest.mark.slow
@pytest.mark.parametrize("width", [400, 1400])
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_in_a_browser_cards_are_equal_and_axe_finds_no_violation(browser, width, colours, tmp_path):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    (tmp_path / "page.html").write_text(make(), encoding="utf-8")
    with visit(browser, (tmp_path / "page.html").as_uri(), width, colours) as opened:
        assert opened.evaluate("document.documentElement.scrollWidth") <= width
        for strip in opened.locator(".strip").all():
            heights = strip.locator(".card").evaluate_all("all => all.map(one => one.offsetHeight)")
            assert len(heights) == 3 and len(set(heights)) == 1
        lines = "one => one.offsetHeight / parseFloat(getComputedStyle(one).lineHeight)"
        assert opened.locator(".title").nth(1).evaluate(lines) == pytest.approx(2, abs=0.1)
        bar, filled = (opened.locator(name).first.bounding_box() for name in (".bar", ".bar span"))
        assert filled["width"] == pytest.approx(bar["width"] / 2, rel=0.02)
        assert opened.locator("img").first.evaluate("one => one.naturalWidth") == 40
        found = axe.run(opened)
        assert found.violations_count == 0, found.generate_report()
