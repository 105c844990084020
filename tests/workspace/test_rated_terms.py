import pyarrow as pa

from seje.workspace import files, paths, rated_terms

TERMS = [["egg", "red_wine", "salt", "pan"], [], [f"term_{number}" for number in range(9)]]
SCORES = [[1.0, 2.0, 2.0, 0.0], [], [3.0] * 9]


def test_the_heaviest_come_first_and_of_equals_the_first(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    columns = {"terms": pa.array(TERMS, pa.list_(pa.string())), "scores": pa.array(SCORES)}
    files.write_table(paths.Ranking.SCORES, pa.table(columns))
    assert rated_terms.heaviest_terms(0) == ["red_wine", "salt", "egg", "pan"]
    assert rated_terms.spelled(rated_terms.heaviest_terms(0)) == ["red wine", "salt", "egg", "pan"]
    assert rated_terms.heaviest_terms(2) == TERMS[2]
    every = [["red wine", "salt", "egg", "pan"], [], [f"term {number}" for number in range(9)]]
    assert list(rated_terms.all_terms()) == every
