import base64
import io
import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from PIL import Image

from seje.report.charts import chart
from seje.report.page import Card, Query, page

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")


def jpeg(colour: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(buffer, "JPEG")
    return buffer.getvalue()


def card(title: str, *terms: str, photo: bool = True) -> Card:
    return Card(title, terms, jpeg("tomato") if photo else None)


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
    answers = [card("Fish <Soup>", "cod", "dill"), card("Stew", "beef")]
    queries = [
        Query(card("Soup & Bread", "cod", "rye"), answers, 1, 2),
        Query(card("Cake", "egg", photo=False), answers, None, 40),
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
    assert html.count('class="card right"') == html.count("&#10003; right") == 1
    assert html.index("&#10003; right") < html.index("Stew") < html.index("Right answer at rank 40")
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


def look(page: str, width: int, folder: Path) -> tuple[str, list[str], Image.Image]:
    """Open a page in a browser: what it says, the addresses that the page asks for, and how it looks."""
    browser = next(filter(None, map(shutil.which, BROWSERS)), None)
    if not browser:
        pytest.skip("no chromium: install one to look at the report with a browser")
    (folder / "page.html").write_text(page, encoding="utf-8")
    log, shot = folder / "net.json", folder / "shot.png"
    flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
    flags += ["--disable-background-networking", "--disable-component-update", "--enable-logging=stderr"]
    flags += [f"--window-size={width},1200", f"--log-net-log={log}", f"--screenshot={shot}"]
    flags += [f"--user-data-dir={folder / 'profile'}"]
    command = [browser, *flags, (folder / "page.html").as_uri()]
    said = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stderr
    events = [event.get("params", {}) for event in json.loads(log.read_text())["events"]]
    # The browser asks for things of its own as well: those have no origin.
    asked = [event["url"] for event in events if event.get("initiator", "not an origin") != "not an origin"]
    return said, asked, Image.open(shot).convert("RGB")


@pytest.mark.slow
@pytest.mark.parametrize("width", [400, 1400])
def test_a_browser_says_nothing_and_asks_for_nothing(width, tmp_path):
    said, asked, shown = look(make(), width, tmp_path)
    assert "CONSOLE" not in said and asked == []
    assert len(shown.getcolors(2**24)) > 50


@pytest.mark.slow
def test_a_browser_would_tell(tmp_path):
    outside = "http://127.0.0.1:9/photo.jpg"
    page = f'<img src="{outside}"><script>console.error("broken")</script>'
    said, asked, _ = look(page, 400, tmp_path)
    assert "CONSOLE" in said and asked == [outside]
