"""The page in a browser: Debian's chromium, driven by Playwright."""

import os
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from conftest import served
from playwright import sync_api as sync

from seje.photos.decoding import locate
from seje.web.app import create
from seje.workspace import files, paths
from seje.workspace.params import load

pytestmark = pytest.mark.slow
CHROMIUM = shutil.which("chromium")
REFUSED = "status of 422"  # chromium writes a line for each
SCREENSHOTS = os.environ.get("SEJE_SCREENSHOTS")  # a folder, for people who want to look


@pytest.fixture(scope="module")
def browser():
    if not CHROMIUM:
        pytest.skip("no chromium: apt-get install chromium")
    with sync.sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield launched
        launched.close()


@pytest.fixture(params=[(1200, "light"), (400, "dark")], ids=["wide", "phone"])
def page(browser, server, request):
    width, colours = request.param
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=colours)
    opened = context.new_page()
    wrong, asked = [], []
    opened.on("pageerror", lambda error: wrong.append(str(error)))
    opened.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
    opened.on("request", lambda sent: asked.append(sent.url))
    opened.goto(server)
    wait(opened, "to search among")
    yield opened
    assert [line for line in wrong if REFUSED not in line] == []
    assert all(url.startswith((server, "blob:")) for url in asked)  # nothing from elsewhere
    context.close()


def wait(page, end="found"):
    sync.expect(page.locator("#status")).to_have_text(re.compile(end + "$"))


def look(page, name):
    wide = page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]
    assert wide, "the page can be scrolled sideways"
    if SCREENSHOTS:
        page.wait_for_timeout(300)
        page.screenshot(path=f"{SCREENSHOTS}/{name}-{page.viewport_size['width']}.png", full_page=True)


def solved_photo(search):
    """A photo whose own recipe is the nearest by the stored embeddings, and that recipe."""
    recipes, photos = (files.read_array(path, "index") for path in (paths.Index.RECIPES, paths.Index.PHOTOS))
    nearest = (photos @ recipes.T).argmax(axis=1)
    row = int(np.flatnonzero(nearest == search._store.recipes)[0])
    folder = Path(load(Path("params.yaml")).corpus.source) / "images"
    path = locate(folder, str(search._store.photos[row]), str(search._store.partitions[row]))
    return path, search._recipes["id"][int(nearest[row])].as_py()


def test_a_photo_of_no_dish_gets_a_quiet_line_above_what_is_found(page, search, chessboard):
    page.set_input_files("#photo", str(chessboard))
    wait(page)
    sync.expect(page.locator("#doubts")).to_contain_text("learnt from nothing like this photo")
    assert page.locator("#recipes .hit").count() == 10
    look(page, "doubt")
    page.set_input_files("#photo", str(solved_photo(search)[0]))
    sync.expect(page.locator("#doubts")).to_be_hidden()


def test_a_photo_finds_its_recipe_whose_key_terms_are_marked(page, search):
    photo, recipe = solved_photo(search)
    page.set_input_files("#photo", str(photo))
    wait(page)
    assert page.locator("#recipes .hit").first.get_attribute("data-id") == recipe
    assert page.locator("#photos .hit").count() == 10
    sync.expect(page.locator("#photos img").first).to_have_js_property("complete", True)
    assert page.evaluate("document.querySelector('#photos img').naturalWidth")
    look(page, "photo")
    page.locator("#recipes .hit").first.click()
    dialog = page.locator("dialog[open]")
    assert dialog.locator("h2").inner_text() == search.recipe(recipe)["title"]
    marked = {text.lower() for text in dialog.locator("mark").all_inner_texts()}
    assert marked & set(search.recipe(recipe)["terms"])
    look(page, "recipe")
    dialog.get_by_text("Search from this recipe").click()
    wait(page)
    assert page.locator("#recipes .hit").first.get_attribute("data-id") == recipe


def test_words_find_photos_and_a_photo_clicked_is_asked_with(page):
    page.fill("#words", "tomato soup")
    page.locator("button[type=submit]").click()
    wait(page)
    assert page.locator("#photos .hit").count() == 10
    look(page, "words")
    first = page.locator("#photos .hit").nth(2)
    name = first.get_attribute("data-photo")
    page.evaluate("document.getElementById('status').textContent = ''")
    first.click()
    wait(page)
    assert page.locator("#asked").is_visible()
    assert page.locator("#photos .hit").first.get_attribute("data-photo") == name


def test_by_keyboard_alone(page, search):
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "words":
            break
    page.keyboard.type("salad")
    page.keyboard.press("Enter")
    wait(page)
    for _ in range(20):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.className") == "hit":
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("dialog[open]")
    assert page.evaluate("document.activeElement.textContent") == "Search from this recipe"
    page.keyboard.press("Escape")
    assert page.locator("dialog[open]").count() == 0
    assert page.evaluate("document.activeElement.className") == "hit"


def test_a_category_filters(page, search):
    page.fill("#words", "salad")
    page.keyboard.press("Enter")
    wait(page)
    shown = page.locator("#recipes .hit").first.get_attribute("data-id")
    category = search.recipe(shown)["category"]
    page.evaluate("document.getElementById('status').textContent = ''")
    page.select_option("#category", category)
    wait(page)
    for hit in page.locator("#recipes .hit").all():
        assert search.recipe(hit.get_attribute("data-id"))["category"] == category


def test_mistakes_are_told(page, tmp_path):
    page.locator("button[type=submit]").click()
    assert "Nothing asked" in page.locator("#status").inner_text()
    (tmp_path / "broken.jpg").write_text("no photo")
    with page.expect_response("**/search/photo*") as answer:
        page.set_input_files("#photo", str(tmp_path / "broken.jpg"))
    assert answer.value.status == 422
    page.wait_for_selector("#status.error")
    assert "not an image" in page.locator("#status").inner_text()
    page.goto("about:blank")


def test_what_is_not_known_is_told(page):
    page.fill("#words", "asdfghjkl soup")
    page.keyboard.press("Enter")
    wait(page)
    assert page.locator("#status").inner_text().startswith("not known: asdfghjkl; 10 recipes")
    page.fill("#words", "asdfghjkl")
    page.keyboard.press("Enter")
    page.wait_for_selector("#status.error")
    assert "no word of 'asdfghjkl' is known" in page.locator("#status").inner_text()
    assert page.locator(".hit").count() == 0  # the answers to another question are gone


@pytest.fixture(scope="module")
def closed(search):
    with served(create(search, "secret", ["*"])) as address:
        yield address


def test_a_link_elsewhere_that_bears_the_token_opens_the_page(browser, closed):
    page = browser.new_context().new_page()
    links = f'<a id=a href="{closed}/?token=secret">search</a> <a id=b href="{closed}/">again</a>'
    page.route("http://elsewhere.example/", lambda route: route.fulfill(body=links, content_type="text/html"))
    for link in ("#a", "#b"):
        page.goto("http://elsewhere.example/")
        page.click(link)
        wait(page, "to search among")
        assert page.url == f"{closed}/"
    page.fill("#words", "salad")
    page.keyboard.press("Enter")
    wait(page)
    page.context.close()


@pytest.mark.parametrize("scripts", [True, False])
def test_without_a_token_a_form_asks_for_it(browser, closed, scripts):
    page = browser.new_context(java_script_enabled=scripts).new_page()
    page.goto(closed)
    assert page.locator("input").count() == 1
    page.fill("#token", "no")
    page.keyboard.press("Enter")
    sync.expect(page.locator("#status")).to_have_text("This is not the token.")
    page.fill("#token", "secret")
    page.keyboard.press("Enter")
    sync.expect(page.locator("#words")).to_be_visible()
    assert page.url == f"{closed}/"
    page.context.close()
