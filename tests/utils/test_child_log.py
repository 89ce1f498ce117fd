"""Records of a child process arrive in its parent's log as they were."""

from __future__ import annotations

import logging
import subprocess
import sys

import pytest

from scalenet_tf.utils.child_log import child_level, start_relay

CODE = """
import logging, sys
from scalenet_tf.utils.child_log import set_up_child
set_up_child(sys.argv[1])
logger = logging.getLogger("scalenet_tf.members.fit")
print("of another library")
logger.debug("details")
logger.info("epoch 1, 50%")
logger.warning("two\\nlines")
"""


@pytest.mark.parametrize(("level", "debugging"), [("INFO", False), ("DEBUG", True)])
def test_records_keep_level_and_logger(level: str, debugging: bool, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(level, "scalenet_tf")
    command = [sys.executable, "-c", CODE, child_level()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None and child.stderr is not None
        start_relay(child.stdout, logging.getLogger("scalenet_tf.test")).join()
        assert child.stderr.read() == ""
    details = [("scalenet_tf.members.fit", logging.DEBUG, "details")] if debugging else []
    assert caplog.record_tuples == [
        ("scalenet_tf.test", logging.INFO, "of another library"),
        *details,
        ("scalenet_tf.members.fit", logging.INFO, "epoch 1, 50%"),
        ("scalenet_tf.members.fit", logging.WARNING, "two\nlines"),
    ]


def test_a_child_of_a_program_that_sets_nothing_up_sends_warnings_alone() -> None:
    code = "import subprocess, sys\nfrom scalenet_tf.utils.child_log import child_level\nprint(child_level())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) == logging.WARNING
