"""What is made ready for a content version is made once, however many threads ask for it at the same time."""

from importlib import import_module
from threading import Event, Thread
from typing import Any

import pytest

pytestmark = pytest.mark.one_engine


@pytest.mark.parametrize(
    ("path", "name", "loader"),
    [
        ("practices.search.vocabulary", "get_vocabulary", "load_vocabulary"),
        ("practices.index.facet_index", "get_facet_index", "facet_index_of"),
    ],
)
def test_a_second_thread_waits_for_the_first_one(monkeypatch, path, name, loader):
    made: list[str] = []
    module = import_module(path)
    ask = getattr(module, name)
    second = Thread(target=lambda: ask("version"))
    second_came_in = Event()

    def make(version: str) -> Any:
        made.append(version)
        if len(made) == 1:
            second.start()
            second_came_in.wait(0.2)  # in vain: it waits outside
        else:
            second_came_in.set()

    monkeypatch.setattr(module, loader, make)
    ask("version")
    assert made == ["version"]
    second.join(10)
    assert made == ["version", "version"]
