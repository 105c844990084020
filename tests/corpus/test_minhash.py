import numpy as np
import pytest

from seje.corpus.minhash import near_duplicates, signature

LINES = ["2 cups red wine", "1 large yellow onion, chopped", "500 g beef chuck", "3 cloves of garlic", "salt"]


def shingles(title: str, lines: list[str]) -> set[str]:
    """Neighbouring words, the long way."""
    found = set()
    for line in [title, *lines]:
        words = [word for word in line.lower().replace(",", "").split() if word.isalpha()]
        found |= {f"{a} {b}" for a, b in zip(words, words[1:], strict=False)} or set(words)
    return found


def test_agreement_is_the_jaccard_similarity():
    other = [*LINES[:3], "4 sprigs of fresh thyme"]
    one, two = shingles("Beef stew", LINES), shingles("Beef stew", other)
    agree = np.mean(signature("Beef stew", LINES) == signature("Beef stew", other))
    assert agree == pytest.approx(len(one & two) / len(one | two), abs=0.15)


def test_copies_are_found_among_others():
    random = np.random.default_rng(0)
    pool = [f"{chr(97 + i % 26)}{chr(97 + i // 26)}x" for i in range(300)]
    recipes = [("Dish", [" ".join(random.choice(pool, 4)) for _ in range(8)]) for _ in range(200)]
    recipes.append(("DISH", [*recipes[17][1][:-1], recipes[17][1][-1] + ", chopped"]))
    recipes.append(recipes[40])
    found = near_duplicates(np.stack([signature(*recipe) for recipe in recipes]))
    assert [rows.tolist() for rows in found] == [[17, 200], [40, 201]]


def test_text_without_words():
    assert (signature("123", ["456"]) != signature("124", ["456"])).any()
    assert near_duplicates(np.stack([signature("a b c", [])])) == []
