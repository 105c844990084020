"""Questions of several parts, forms with a photo, and what the page shows of the index."""

import io

import pytest
from fastapi.testclient import TestClient
from PIL import Image

from seje.errors import SejeError
from seje.model.card import trained_on
from seje.model.recipe_encoder import RecipeText
from seje.search.nearest import combine
from seje.web import engine
from seje.web.app import create
from seje.web.multipart import photo_of

pytestmark = pytest.mark.slow


@pytest.fixture
def client(search):
    images = search.folder.absolute().parent / "kitchen/recipe1m/images"
    with TestClient(create(search, None, ["127.0.0.1"], images), base_url="http://127.0.0.1") as made:
        yield made


def ids(answer, side="recipes"):
    assert answer.status_code == 200, answer.text
    return [hit["id"] for hit in answer.json()[side]]


def test_the_parts_of_a_question_are_added_and_taken_away(client, search):
    photo = search.photo(search.samples("photos", 1)[0]["photo"])
    asked = {"q": "tomato soup", "ingredient": ["basil", "cream"], "plus": "salad", "minus": "pizza", "k": 7}
    answer = client.post("/search", params=asked, content=photo)
    embed = search.model.embed_recipes
    plus = embed([RecipeText("tomato soup", ["basil", "cream"]), "salad"])
    vector = combine([*plus, search.model.embed_photos([photo])[0]], [embed(["pizza"])[0]])
    for side in ("recipes", "photos"):
        assert ids(answer, side) == [hit["id"] for hit in search.find(vector, side, 7)]
    assert {"cream", "salad"} <= set(answer.json()["terms"])


def test_a_recipe_and_a_photo_of_the_index_are_asked_with_by_their_names(client, search):
    hit = search.samples("recipes", 1)[0]
    own = search.recipe(hit["id"])
    as_text = {part: own[part] for part in ("title", "ingredients", "instructions")}
    by_id = client.get("/search", params={"recipe": hit["id"]})
    assert ids(by_id) == ids(client.post("/search/text", json=as_text))
    assert set(own["terms"]) & set(by_id.json()["terms"])
    by_name = client.get("/search", params={"photo": own["photos"][0]})
    assert by_name.json()["photos"][0]["photo"] == own["photos"][0] and by_name.json()["terms"] == []


def test_words_alone_are_a_title(client):
    by_words = client.get("/search", params={"q": "tomato soup", "k": 5})
    assert ids(by_words) == ids(client.post("/search/text?k=5", json={"title": "tomato soup"}))


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("", "nothing asked"),
        ("q=%20", "nothing asked"),
        ("recipe=none", "no recipe of the index"),
        ("photo=../x", "no photo of the index"),
        ("minus=qwxzv", "no word of 'qwxzv' is known"),
        ("q=soup&minus=soup", "nothing is left to find"),
        ("q=soup&k=0", "k: "),
        ("q=soup&title=x", "title: Extra inputs"),
        ("q=" + "x" * 10_001, "q: "),
        ("&".join(["plus=soup"] * 21), "plus: "),
    ],
)
def test_what_cannot_be_asked_gets_422_and_a_line(client, query, told):
    answer = client.get(f"/search?{query}")
    assert answer.status_code == 422 and told in answer.json()["detail"]
    assert answer.json()["detail"].isprintable()


@pytest.mark.parametrize("path", ["/search", "/search/photo"])
def test_a_form_brings_a_photo_as_curl_sends_it(client, search, path):
    photo = search.photo(search.samples("photos", 1)[0]["photo"])
    plain = client.post(path, content=photo).json()
    assert client.post(path, files={"photo": ("dinner.jpg", photo, "image/jpeg")}).json() == plain
    for wrong in ({"file": photo}, {"photo": photo, "other": b"x"}):
        refused = client.post(path, files=wrong)
        assert refused.status_code == 422 and "the form has" in refused.json()["detail"]


def form(*parts, boundary=b"xyz"):
    whole = b"".join(b"--" + boundary + b"\r\n" + part + b"\r\n" for part in parts)
    return whole + b"--" + boundary + b"--\r\n"


HEAD = b'Content-Disposition: form-data; name="photo"; filename="a.jpg"\r\nContent-Type: image/jpeg\r\n\r\n'
KIND = "multipart/form-data; boundary=xyz"


@pytest.mark.parametrize("content", [b"", b"\r\n", b"--xy\r\n--", b"a\rb\nc\r\n\r\nd", bytes(range(256)) * 9])
def test_bytes_of_a_form_stay_as_they_are(content):
    assert photo_of(form(HEAD + content), KIND) == content
    assert photo_of(b"preamble\r\n" + form(HEAD + content), KIND.replace("xyz", '"xyz"')) == content


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"", KIND),
        (form(), KIND),
        (form(HEAD), "multipart/form-data"),
        (form(HEAD, HEAD), KIND),
        (form(b"x\r\n\r\ny"), KIND),
        (form(HEAD.replace(b"photo", b"dinner")), KIND),
        (form(b"Content-Disposition: form-data; name*=\xff''%ff\r\n\r\n"), KIND),
        (form(HEAD), "multipart/form-data; boundary=\r\n\0"),
        (form(HEAD), "multipart/form-data; boundary*0=x; boundary*1=\xff"),
    ],
)
def test_a_form_without_one_photo_is_refused_in_a_line(body, kind):
    with pytest.raises(SejeError) as refused:
        photo_of(body, kind)
    assert "\n" not in str(refused.value)


def test_samples_are_of_different_categories_and_always_the_same(client, search):
    samples = client.get("/samples").json()
    assert samples == client.get("/samples").json()
    assert len({one["photo"] for one in samples["photos"]}) == 6 and len(set(samples["questions"])) == 4
    categories = [hit["category"] for hit in search.samples("photos", 6)]
    assert len(set(categories)) == 6 and search.categories[0] not in categories
    assert len(search.samples("photos", 10**6)) == min(1000, search.sizes()["photos"])


def test_what_the_model_was_trained_on_is_told_in_a_line(client, search):
    told = client.get("/model").json()
    assert told["fingerprint"] == search.model.fingerprint and told["dimensions"] == search.model.dimensions
    assert told["trained_on"].startswith("pipeline/kitchen/recipe1m: ") and "\n" not in told["trained_on"]
    assert told["card"].startswith("---\nlibrary_name: seje")
    assert trained_on("# Another card\n") == ""


def test_a_photo_is_as_sharp_as_it_is_asked_for(client, search):
    name = search.samples("photos", 1)[0]["photo"]
    stored = client.get(f"/photos/{name}").content

    def side(size):
        answer = client.get(f"/photos/{name}", params={"size": size})
        assert answer.headers["content-type"] == "image/jpeg"
        return min(Image.open(io.BytesIO(answer.content)).size)

    assert side(20) == 20 and side(1000) == 48  # pixels of the kitchen's photos
    assert min(Image.open(io.BytesIO(stored)).size) == 40  # images.size
    assert client.get(f"/photos/{name}?size=5000").status_code == 422
    assert client.get("/photos/none?size=100").status_code == 404


def test_without_the_original_the_stored_photo_is_shown(search, tmp_path, monkeypatch):
    name = search.samples("photos", 1)[0]["photo"]
    (tmp_path / name).write_text("no photo")
    for images in (None, tmp_path, tmp_path / "none"):
        with TestClient(create(search, None, ["*"], images)) as client:
            assert client.get(f"/photos/{name}?size=100").content == search.photo(name)
    monkeypatch.setattr(engine, "WAITING", 0)
    with TestClient(create(search, None, ["*"], tmp_path)) as client:
        assert client.get(f"/photos/{name}?size=100").content == search.photo(name)


def test_head_answers_as_get_without_a_body(client, search):
    for path in ("/", "/page.js", "/health", "/photos/none"):
        head, full = client.head(path), client.get(path)
        assert head.status_code == full.status_code and head.content == b""
        assert head.headers["content-length"] == full.headers["content-length"] == str(len(full.content))


def test_several_parts_are_embedded_in_one_batch(search):
    sizes = []
    whole = search.model.ask_recipes

    def ask(recipes):
        sizes.append(len(recipes))
        return whole(recipes)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search.model, "ask_recipes", ask)
        with TestClient(create(search, None, ["*"])) as client:
            ids(client.get("/search?q=soup&plus=salad&plus=basil"))
    assert sizes == [3]
