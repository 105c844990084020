import hypothesis
import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import ENGLISH_STOP_WORDS

from seje.categories.recipe_categories import WEAK, Category, assign, frequent_bigrams, given, refine
from seje.text.tokens import tokens

WORDS = ["Beef", "stew", "with", "easy", "rice", "Bowl", "the", "cake", "2", "!"]
TITLE = st.lists(st.sampled_from(WORDS), min_size=1, max_size=5).map(" ".join)
RECIPE = st.tuples(TITLE, st.sampled_from(["train", "train", "val", "test"]), st.booleans())


PARTS = ("train", "val", "test")


def naive(recipes, names, candidates, max_classes, min_train):
    """The rule as one would tell it, one recipe and one class at a time."""
    counts = {}
    for title, partition, photo in recipes:
        if partition == "train" and photo:
            kept = [token for token in tokens(title) if token not in ENGLISH_STOP_WORDS]
            for first, second in zip(kept, kept[1:], strict=False):
                if not any(word in WEAK or not word[0].isalpha() for word in (first, second)):
                    counts[f"{first} {second}"] = counts.get(f"{first} {second}", 0) + 1
    bigrams = sorted(counts, key=lambda bigram: (-counts[bigram], bigram))[:candidates]
    result, found = [0] * len(recipes), []

    def claim(name):
        members = [row for row, recipe in enumerate(recipes) if not result[row] and name in recipe[0].lower()]
        per = [sum(recipes[row][1] == part and recipes[row][2] for row in members) for part in PARTS]
        if per[0] >= min_train and per[1] >= 1 and per[2] >= 1:
            found.append(name)
            for row in members:
                result[row] = len(found)

    for bigram in bigrams:
        if len(found) < max_classes:
            claim(bigram)
    for name in names:
        if name.replace("_", " ") not in found:
            claim(name.replace("_", " "))
    return found, result


@settings(max_examples=150, deadline=None)
@hypothesis.given(st.lists(RECIPE, max_size=40), st.integers(1, 4), st.integers(1, 3), st.integers(1, 3))
def test_against_the_naive_rule(recipes, candidates, max_classes, min_train):
    names = ["beef_stew", "rice", "cake"]
    titles, partitions, photos = ([recipe[part] for recipe in recipes] for part in range(3))
    found, category = assign(
        titles, partitions, np.array(photos, bool), names, candidates, max_classes, min_train
    )
    expected, members = naive(recipes, names, candidates, max_classes, min_train)
    assert [entry.name for entry in found] == ["background", *expected]
    assert category.dtype == np.int32 and category.tolist() == members
    for number, entry in enumerate(found):
        inside = [partitions[row] for row in range(len(recipes)) if category[row] == number]
        assert entry == Category(entry.name, *(inside.count(part) for part in PARTS))


def test_bigrams_skip_stop_words_and_drop_weak_ones():
    titles = ["Easy Beef Stew", "Stew of Beef, best stew", "beef stew", "beef stew 2"]
    assert frequent_bigrams(titles, 10) == ["beef stew", "stew beef"]
    assert frequent_bigrams(titles, 1) == ["beef stew"]


def test_a_failed_class_gives_its_recipes_back():
    titles = ["beef stew pot"] * 3 + ["stew pot"] * 3
    partitions = ["train", "train", "train", "train", "val", "test"]
    found, category = assign(titles, partitions, np.ones(6, bool), [], 10, 10, 3)
    assert [entry.name for entry in found] == ["background", "stew pot"]
    assert category.tolist() == [1] * 6


def test_recipes_without_photo_belong_but_do_not_count():
    titles, partitions = ["beef stew"] * 5, ["train", "train", "train", "val", "test"]
    photos = np.array([True, True, False, True, True])
    assert assign(titles, partitions, photos, [], 9, 9, 2)[1].tolist() == [1] * 5
    assert assign(titles, partitions, photos, [], 9, 9, 3)[1].tolist() == [0] * 5


def test_no_recipes():
    assert assign([], [], np.zeros(0, bool), ["x"], 1, 1, 1)[0] == [Category("background", 0, 0, 0)]


def test_given_classes_are_numbered_without_gaps():
    names = {0: "background", 9: "cake", 4: "stew"}
    found, category = given(
        ["a", "b", "c", "d"], ["train", "train", "val", "test"], {"a": 9, "b": 4, "d": 0}, names
    )
    assert category.dtype == np.int32 and category.tolist() == [2, 1, 0, 0]
    assert found == [
        Category("background", 0, 1, 1),
        Category("stew", 1, 0, 0),
        Category("cake", 1, 0, 0),
    ]


def test_refinement_fills_the_background_alone_and_adds_labels_that_are_new():
    found = [Category("background", 3, 0, 0), Category("beef stew", 1, 0, 0)]
    seen = {0: "apple_pie", 1: "beef_stew", 2: "apple_pie"}
    refined, category = refine(found, np.array([1, 0, 0, 0], np.int32), ["train"] * 4, seen)
    assert category.tolist() == [1, 1, 2, 0]
    assert refined == [
        Category("background", 1, 0, 0),
        Category("beef stew", 2, 0, 0),
        Category("apple pie", 1, 0, 0),
    ]


@pytest.mark.parametrize(
    "title, name",
    [
        ("Shepherd\u2019s Pie", "shepherd's pie"),
        ("Jalapen\u0303o Poppers", "jalape\u00f1o poppers"),
        ("Beef\u00a0 Stew", "beef stew"),
        ("\uff22\uff45\uff45\uff46 Stew", "beef stew"),  # full width
        ("MAC&CHEESE bake", "cheese bake"),
    ],
)
def test_titles_are_matched_as_they_are_counted(title, name):
    found, category = assign([title] * 4, ["train", "train", "val", "test"], np.ones(4, bool), [], 9, 9, 2)
    assert name in [entry.name for entry in found] and category.all()


def test_names_of_photo_classes_are_spelt_as_titles_are():
    titles, partitions = ["Cre\u0300me"] * 4, ["train", "train", "val", "test"]
    for name in ("cr\u00e8me", "cre\u0300me"):
        found, category = assign(titles, partitions, np.ones(4, bool), [name], 9, 9, 2)
        assert [entry.name for entry in found[1:]] == ["cr\u00e8me"] and category.all()


def test_a_class_called_background_is_none():
    titles, partitions = ["Background"] * 4, ["train", "train", "val", "test"]
    assert not assign(titles, partitions, np.ones(4, bool), ["background"], 9, 9, 2)[1].any()
    found = [Category("background", 1, 0, 0)]
    refined = refine(found, np.zeros(1, np.int32), ["train"], {0: "background"})
    assert refined[0] == found and not refined[1].any()


def test_weak_words_are_weak_as_owners_too():
    assert frequent_bigrams(["Grandma\u2019s cookies", "Grandma's cookies", "Baker's cookies"], 10) == [
        "baker's cookies"
    ]


def test_what_photos_show_leaves_val_and_test_as_their_text_says():
    found = [Category("background", 2, 1, 1), Category("beef stew", 1, 0, 0)]
    before = np.array([1, 0, 0, 0, 0], np.int32)
    parts = ["train", "train", "val", "test", "train"]
    refined, category = refine(found, before, parts, dict.fromkeys(range(4), "plum_cake"))
    assert category.tolist() == [1, 2, 0, 0, 0]
    assert refined[2] == Category("plum cake", 1, 0, 0) and refined[0] == Category("background", 1, 1, 1)


def test_labels_without_letters_are_not_one_category():
    found = [Category("background", 2, 0, 0)]
    refined, category = refine(found, np.zeros(2, np.int32), ["train"] * 2, {0: "1001", 1: "1002"})
    assert category.tolist() == [1, 2] and [entry.name for entry in refined[1:]] == ["1001", "1002"]
