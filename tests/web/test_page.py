"""What a visitor does on the page, in Debian's chromium and Firefox, driven by Playwright."""

import re
from pathlib import Path

import numpy as np
import pytest
from conftest import visit
from playwright import sync_api as sync

from seje.photos.decoding import locate
from seje.workspace import files, paths
from seje.workspace.params import load

pytestmark = pytest.mark.slow
REFUSED = "status of 422"  # chromium writes a line for each


@pytest.fixture(params=[(1400, "light"), (400, "dark")], ids=["wide", "phone"])
def page(browser, server, request):
    with visit(browser, server, *request.param, wrong=REFUSED) as opened:
        yield opened


def answered(page):
    """Wait for an answer, which is as wide as the window, and not wider."""
    sync.expect(page.locator("#status")).to_have_text(re.compile(r"nearest \d+ recipes"))
    assert page.evaluate("document.documentElement.scrollWidth") <= page.viewport_size["width"]


def asks(page, words):
    page.fill("#words", words)
    page.press("#words", "Enter")
    answered(page)


def solved_photo(search):
    """A photo whose own recipe is the nearest by the stored embeddings, and that recipe."""
    recipes, photos = (files.read_array(path, "index") for path in (paths.Index.RECIPES, paths.Index.PHOTOS))
    nearest = (photos @ recipes.T).argmax(axis=1)
    row = int(np.flatnonzero(nearest == search._store.recipes)[0])
    folder = Path(load(Path("params.yaml")).corpus.source) / "images"
    path = locate(folder, str(search._store.photos[row]), str(search._store.partitions[row]))
    return path, search._recipes["id"][int(nearest[row])].as_py()


def test_a_photo_finds_its_recipe_which_says_why_and_leads_on(page, search):
    photo, recipe = solved_photo(search)
    page.set_input_files("#photo", str(photo))
    answered(page)
    first = page.locator("#recipes .hit").first
    assert first.get_attribute("data-id") == recipe
    sync.expect(page.locator("#photos img").first).to_have_js_property("complete", True)
    shown = page.evaluate("document.querySelector('#photos img').naturalWidth")
    assert shown > load(Path("params.yaml")).images.size  # the original, not what is stored
    first.click()
    dialog, known = page.locator("#recipe[open]"), search.recipe(recipe)
    sync.expect(dialog.locator("h2")).to_have_text(known["title"])
    assert dialog.locator(".why li").all_inner_texts() == known["terms"][:6]
    marked = {text.lower() for text in dialog.locator("mark").all_inner_texts()}
    assert marked & set(known["terms"])
    assert "open=" in page.url
    dialog.get_by_text("More like this", exact=True).click()
    answered(page)
    assert f"recipe={recipe}" in page.url and page.locator("dialog[open]").count() == 0
    sync.expect(page.locator(".chip")).to_contain_text(known["title"])
    assert page.locator("#recipes .hit").first.get_attribute("data-id") == recipe


def test_a_photo_of_no_dish_gets_a_quiet_line_above_what_is_found(page, search, chessboard):
    page.set_input_files("#photo", str(chessboard))
    answered(page)
    sync.expect(page.locator("#doubts")).to_contain_text("learnt from nothing like this photo")
    assert page.locator("#recipes .hit").count() >= 10
    page.locator(".chip button").click()  # the question without its photo is none: the start
    sync.expect(page.locator("#start")).to_be_visible()
    page.set_input_files("#photo", str(solved_photo(search)[0]))
    answered(page)
    sync.expect(page.locator("#doubts")).to_be_hidden()


def test_a_question_is_one_thing_of_photo_words_and_ingredients(page, search):
    page.fill("#ingredient", "basil")
    page.press("#ingredient", "Enter")
    page.fill("#ingredient", "cream")
    page.click("#add")
    sync.expect(page.locator(".chip")).to_have_text(["basil\u00d7", "cream\u00d7"])
    asks(page, "tomato soup")
    assert page.url.endswith("?q=tomato+soup&ingredient=basil&ingredient=cream")
    if not page.locator("#ask").is_visible():  # folded on a phone
        page.click("#unfold")
    page.set_input_files("#photo", str(solved_photo(search)[0]))
    answered(page)
    texts = ["Your photo", "tomato soup", "basil", "cream"]
    sync.expect(page.locator(".chip bdi")).to_have_text(texts)
    page.get_by_label("Remove tomato soup").click()
    answered(page)
    sync.expect(page.locator(".chip bdi")).to_have_text(["Your photo", "basil", "cream"])
    assert page.locator("#words").input_value() == "" and "q=" not in page.url


def test_arithmetic_on_a_dish_and_a_photo_card_opens_the_same(page):
    asks(page, "pizza")
    page.locator("#photos .hit").nth(1).click()
    dialog = page.locator("#recipe[open]")
    dialog.get_by_label("Less").fill("pizza")
    dialog.get_by_label("And").fill("salad")
    dialog.get_by_role("button", name="Find").click()
    answered(page)
    assert page.url.endswith("&plus=salad&minus=pizza")
    sync.expect(page.locator(".chip bdi").nth(1)).to_have_text("+ salad")
    sync.expect(page.locator(".chip bdi").nth(2)).to_have_text("\u2212 pizza")


def test_more_come_by_scrolling_and_the_number_is_behind_the_bar(page):
    asks(page, "salad")
    for side in ("recipes", "photos"):
        few = page.locator(f"#{side} .hit").count()
        page.evaluate(f"document.getElementById('{side}').lastElementChild.scrollIntoView()")
        sync.expect(page.locator(f"#{side} .hit")).not_to_have_count(few)
    cards = page.locator("#photos > li").evaluate_all("all => all.map(one => one.offsetHeight)")
    assert len(set(cards)) == 1
    near = page.locator("#recipes .near").first
    near.locator("summary").click()
    sync.expect(near.locator("p")).to_have_text(re.compile(r"Cosine -?[01]\.\d{3}"))


def test_samples_to_begin_with(page, search):
    sync.expect(page.locator("#trained")).to_contain_text(
        "The model was trained on pipeline/kitchen/recipe1m"
    )
    sync.expect(page.locator("#sample-photos button")).to_have_count(6)
    questions = page.locator("#sample-questions button")
    sync.expect(questions).to_have_count(4)
    title = questions.first.inner_text()
    questions.first.click()
    answered(page)
    assert page.locator("#words").input_value() == title
    page.click(".brand")
    page.locator("#sample-photos button").nth(2).click()
    answered(page)
    assert (
        page.locator("#photos .hit").first.get_attribute("data-photo")
        == search.samples("photos", 6)[2]["photo"]
    )


def test_by_keyboard_alone(browser, server):
    with visit(browser, server) as page:
        tab_to(page, "words")
        page.keyboard.type("salad")
        page.keyboard.press("Enter")
        answered(page)
        tab_to(page, "hit", "className")
        page.keyboard.press("Enter")
        page.wait_for_selector("#recipe[open]")
        assert page.evaluate("document.activeElement.textContent") == "More like this"
        page.keyboard.press("Escape")
        sync.expect(page.locator("dialog[open]")).to_have_count(0)
        assert page.evaluate("document.activeElement.className") == "hit" and "open=" not in page.url


def tab_to(page, value, attribute="id"):
    for _ in range(30):
        page.keyboard.press("Tab")
        if page.evaluate(f"document.activeElement.{attribute}") == value:
            return
    raise AssertionError(f"{value} is not reached by tab")


def test_a_category_filters(page, search):
    asks(page, "salad")
    category = search.recipe(page.locator("#recipes .hit").first.get_attribute("data-id"))["category"]
    if not page.locator("#ask").is_visible():
        page.click("#unfold")
    page.select_option("#category", category)
    page.wait_for_url("**category=*")
    answered(page)
    for hit in page.locator("#recipes .hit").all():
        assert search.recipe(hit.get_attribute("data-id"))["category"] == category
