import json

import torch

from seje import checkpoints


def test_fingerprint_names_params_and_contents(tmp_path):
    file = tmp_path / "input"
    file.write_bytes(b"one")
    first = checkpoints.fingerprint({"a": 1, "b": 0.5}, [file])
    assert len(first) == 16 and int(first, 16) >= 0
    assert first == checkpoints.fingerprint(json.loads('{"b": 0.5, "a": 1}'), [file])
    assert first != checkpoints.fingerprint({"a": 2, "b": 0.5}, [file])
    file.write_bytes(b"two")
    assert first != checkpoints.fingerprint({"a": 1, "b": 0.5}, [file])


def test_fingerprint_knows_which_file_is_which(tmp_path):
    for name, content in (("a", b"12"), ("b", b"3"), ("c", b"1"), ("d", b"23")):
        (tmp_path / name).write_bytes(content)
    pairs = [[tmp_path / name for name in names] for names in ("ab", "cd", "ba")]
    assert len({checkpoints.fingerprint({}, pair) for pair in pairs}) == 3


def test_a_state_comes_back(tmp_path):
    path = tmp_path / "folder/state.pt"
    assert checkpoints.load(path) is None
    state = {"epoch": 3, "model": {"w": torch.arange(4.0)}, "notes": [None, "x", 0.5]}
    checkpoints.save(path, {"epoch": 2})
    checkpoints.save(path, state)
    loaded = checkpoints.load(path)
    assert torch.equal(loaded.pop("model")["w"], state["model"]["w"])
    assert loaded == {"epoch": 3, "notes": [None, "x", 0.5]}
    assert [file.name for file in path.parent.iterdir()] == ["state.pt"]
    checkpoints.remove(path)
    checkpoints.remove(path)
    assert not path.exists()


def test_a_damaged_state_is_none_and_said(tmp_path, capsys):
    path = tmp_path / "state.pt"
    checkpoints.save(path, {"w": torch.arange(1000.0)})
    whole = path.read_bytes()
    for content in (b"", b"nonsense", whole[:100], whole[: len(whole) // 2], whole[:-30]):
        path.write_bytes(content)
        assert checkpoints.load(path) is None
        assert "damaged" in capsys.readouterr().err
    torch.save([1, 2], path)
    assert checkpoints.load(path) is None
