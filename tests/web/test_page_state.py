"""The page's address, what goes wrong, and who may see it: in a browser."""

import re
from functools import partial

import pytest
from conftest import served, visit
from playwright import sync_api as sync

from seje.web.app import create

pytestmark = pytest.mark.slow
FOUND = re.compile(r"nearest \d+ recipes")


def answered(page):
    sync.expect(page.locator("#status")).to_have_text(FOUND)


def test_the_address_holds_the_question_through_back_reload_and_a_link(browser, server, chessboard):
    with visit(browser, f"{server}/?q=tomato+soup&minus=cream") as page:
        answered(page)
        sync.expect(page.locator(".chip bdi")).to_have_text(["tomato soup", "\u2212 cream"])
        first = page.locator("#recipes .hit").first.get_attribute("data-id")
        page.set_input_files("#photo", str(chessboard))
        sync.expect(page.locator(".chip bdi").first).to_have_text("Your photo")
        answered(page)
        page.reload()
        answered(page)
        sync.expect(page.locator(".chip bdi").first).to_have_text("Your photo")
        sync.expect(page.locator(".chip img")).to_be_visible()
        page.go_back()
        sync.expect(page.locator(".chip bdi").first).to_have_text("tomato soup")
        answered(page)
        assert page.locator("#recipes .hit").first.get_attribute("data-id") == first


def test_an_open_recipe_is_a_link_and_back_closes_it(browser, server):
    with visit(browser, f"{server}/?q=soup") as page:
        answered(page)
        asked = page.url
        page.locator("#recipes .hit").first.click()
        page.wait_for_selector("#recipe[open]")
        link, title = page.url, page.locator("#recipe h2").inner_text()
        page.go_back()
        sync.expect(page.locator("#recipe[open]")).to_have_count(0)
        assert page.url == asked
        page.goto(link)
        sync.expect(page.locator("#recipe[open] h2")).to_have_text(title)
        page.get_by_role("button", name="Close").click()
        sync.expect(page.locator("#recipe[open]")).to_have_count(0)
        assert page.url == asked


def test_mistakes_are_told_and_leave_no_older_answer(browser, server, tmp_path):
    with visit(
        browser,
        server,
        wrong="status of 4",  # chromium writes a line for each
    ) as page:
        page.click("button[type=submit]")
        assert "Nothing asked" in page.locator("#status").inner_text()
        page.goto(f"{server}/?q=asdfghjkl+soup")
        answered(page)
        assert page.locator("#status").inner_text().startswith("Not known: asdfghjkl. ")
        (tmp_path / "broken.jpg").write_text("no photo")
        page.get_by_label("Remove asdfghjkl soup").click()
        page.set_input_files("#photo", str(tmp_path / "broken.jpg"))
        sync.expect(page.locator("#status.error")).to_contain_text("not an image")
        assert page.locator(".hit").count() == 0 and page.locator("#answers").is_hidden()
        for link, told in {
            "q=asdfghjkl": "no word of 'asdfghjkl' is known",
            "recipe=none": "no recipe of the index has this id",
            "q=soup&category=none": "no category is called 'none'",
        }.items():
            page.goto(f"{server}/?{link}")
            sync.expect(page.locator("#status.error")).to_contain_text(told)


def test_without_a_server_there_is_a_line_and_a_retry(browser, server):
    with visit(browser, server, wrong="ERR_FAILED") as page:
        page.fill("#words", "salad")
        page.route("**/search?*", lambda route: route.abort())
        page.press("#words", "Enter")
        sync.expect(page.locator("#status.error")).to_have_text("The server cannot be reached.")
        assert page.locator(".hit").count() == 0
        page.unroute("**/search?*")
        page.click("#retry")
        answered(page)
        sync.expect(page.locator("#retry")).to_be_hidden()
        page.route("**/recipes/*", lambda route: route.abort())
        page.locator(".hit").first.click()
        sync.expect(page.locator("#status.error")).to_be_visible()


def test_while_the_model_works_skeletons_stand_in(browser, server):
    with visit(browser, server) as page:
        held = []
        page.route("**/search?*", lambda route: held.append(route))
        page.fill("#words", "salad")
        page.press("#words", "Enter")
        sync.expect(page.locator("#answers")).to_have_attribute("aria-busy", "true")
        assert page.locator(".skeleton").count() == 16
        held[0].continue_()
        answered(page)
        assert page.locator(".skeleton").count() == 0
        assert page.locator("#answers").get_attribute("aria-busy") is None


def answer(told, route):
    route.fulfill(json=told)


def test_a_link_leads_to_the_web_alone_and_text_is_never_html(browser, server):
    with visit(browser, f"{server}/?q=soup") as page:
        answered(page)
        made = {"id": "x", "partition": None, "category": "", "terms": ["<b>"], "photos": []}
        made |= {"ingredients": ["<img src=x onerror=alert(1)>"], "instructions": ["a <b> c"]}
        for url in ("https://a.org/1?b=c", "javascript:alert(1)", None):
            told = {**made, "title": "<script>alert(1)</script>", "url": url}
            page.route("**/recipes/*", partial(answer, told))
            page.locator("#recipes .hit").first.click()
            sync.expect(page.locator("#recipe h2")).to_have_text(told["title"])
            assert page.locator("#recipe").locator("script, b, .lines img").count() == 0
            sync.expect(page.locator("#recipe mark")).to_have_text("<b>")
            links = page.locator("#recipe a.source")
            assert links.evaluate_all("all => all.map(one => [one.href, one.rel])") == (
                [[url, "noopener noreferrer"]] if url and url.startswith("https") else []
            )
            page.keyboard.press("Escape")
            sync.expect(page.locator("#recipe[open]")).to_have_count(0)
            page.unroute("**/recipes/*")


@pytest.mark.parametrize(("width", "colours"), [(1400, "dark"), (400, "light")])
def test_axe_finds_no_violation(browser, server, width, colours):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    with visit(browser, server, width, colours) as page:

        def check():
            found = axe.run(page)
            assert found.violations_count == 0, found.generate_report()

        sync.expect(page.locator("#trained")).not_to_be_empty()
        check()
        page.click("#about")
        sync.expect(page.locator("#model pre")).to_contain_text("A seje model")
        check()
        page.goto(f"{server}/?q=tomato+soup&plus=basil")
        answered(page)
        check()
        page.locator("#recipes .hit").first.click()
        page.wait_for_selector("#recipe[open]")
        check()
        page.goto(f"{server}/reference")
        page.wait_for_selector(".operation")
        check()


@pytest.mark.parametrize(
    "broken",
    [
        "<script>console.error('x')</script>",
        "<script>null.x</script>",
        "<img src='http://elsewhere.example/x.jpg'>",
    ],
)
def test_a_visit_tells_what_goes_wrong(browser, broken, tmp_path):
    (tmp_path / "page.html").write_text(broken)
    with pytest.raises(AssertionError), visit(browser, (tmp_path / "page.html").as_uri()):
        pass


def test_the_rest_interface_is_described_without_anything_from_elsewhere(browser, server):
    with visit(browser, server) as page:
        page.get_by_text("REST interface").click()
        sync.expect(page.locator(".operation h2").first).to_have_text("GET /search")
        assert f"curl -F photo=@dinner.jpg {server}/search" in page.locator("#examples").inner_text()


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
        sync.expect(page.locator("#trained")).not_to_be_empty()
        assert page.url == f"{closed}/"
    page.fill("#words", "salad")
    page.keyboard.press("Enter")
    answered(page)
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


def test_a_sent_link_outlives_the_form(browser, closed):
    page = browser.new_context().new_page()
    page.goto(f"{closed}/?q=tomato+soup&minus=cr%C3%A8me")
    page.fill("#token", "secret")
    page.keyboard.press("Enter")
    sync.expect(page.locator(".chip bdi")).to_have_text(["tomato soup", "\u2212 cr\u00e8me"])
    page.context.close()
