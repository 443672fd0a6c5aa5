"""What breaks under a portal in use breaks nothing in it. `--kills N` makes campaigns of the samples.

docs/faults.md holds the figures of the campaigns.
"""

from itertools import chain
from statistics import quantiles

import pytest

from tests.databases import own_database
from tests.served import at_work, lost, make_editors, served, statuses, until

pytestmark = pytest.mark.django_db


@pytest.mark.one_engine
def test_sixteen_writers_in_four_processes_all_save_and_each_comes_in_turn(blank, pytestconfig):
    saves = 5 * pytestconfig.getoption("kills")
    with own_database(blank) as url:
        editors = make_editors(16)
        with served(url, workers=4) as server, at_work(server.port, editors):
            until(lambda: all(editor.acknowledged for editor in editors))  # all processes are warm
            began = {editor.name: len(editor.seconds) for editor in editors}
            until(lambda: all(len(editor.seconds) >= began[editor.name] + saves for editor in editors))
        seconds = [editor.seconds[began[editor.name] :] for editor in editors]
        assert (statuses(editors), lost(editors)) == ({302}, set())
        assert quantiles(chain(*seconds), n=100)[-1] < 2
        assert max(map(len, seconds)) < 2 * min(map(len, seconds))
