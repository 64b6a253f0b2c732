"""A process that runs small studies and is killed, or has its disk filled, where a test says.

Reads one order a line from standard input, does each in a child of its own, and answers with the child's exit status
(the negative signal where it was killed) and what it printed. So the packages are imported once.
"""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
import time
from pathlib import Path
from typing import Any


def save_plainly(exhibit: Any, folder: Path, lang: str) -> None:
    """In place of a drawing: the exhibit's own text."""
    text = exhibit.data.to_csv() + json.dumps([exhibit.labels, exhibit.facts, exhibit.title, exhibit.note, lang])
    for end in (".svg", ".png", "-narrow.svg"):
        (folder / f"{exhibit.name}{end}").write_text(text, encoding="utf-8")


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def fill_the_disk(order: dict[str, Any]) -> None:
    """No byte more on the file system of `filler`, or, where there is none, in any file of this process."""
    import resource

    if "filler" not in order:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, resource.getrlimit(resource.RLIMIT_FSIZE)[1]))
        return
    with open(order["filler"], "wb", buffering=0) as file:  # noqa: PTH123
        for size in (4096, 1):
            try:
                while True:
                    file.write(b"\0" * size)
            except OSError as error:
                assert error.errno == errno.ENOSPC


def wait(order: dict[str, Any]) -> None:
    """Say that this is the place, and go on when `until` is there."""
    Path(order["here"]).touch()
    while not Path(order["until"]).exists():
        time.sleep(0.01)


def at_stage(order: dict[str, Any]) -> None:
    """Do what is ordered when a stage begins."""
    from evalkit import stages

    do = {"kill": lambda order: die(), "full": fill_the_disk, "wait": wait}[order["what"]]
    stage = stages.DO[order["stage"]]
    stages.DO[order["stage"]] = lambda work: (do(order), stage(work))[1]


def at_event(order: dict[str, Any]) -> None:
    """Be killed when a file of this name is opened for writing, or at the n-th rename."""
    left = [order.get("rename", 0)]

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        written = event == "open" and arguments[1] not in ("r", "rb", None)
        if written and "open" in order and str(arguments[0]).endswith(order["open"]):
            die()
        if event == "os.rename" and left[0]:
            left[0] -= 1
            if not left[0]:
                die()

    sys.addaudithook(hook)


def obey(order: dict[str, Any]) -> int:
    import evalkit
    from evalkit.errors import EvalkitError
    from evalkit.present import figures

    figures.save = save_plainly
    if "stage" in order:
        at_stage(order)
    elif "open" in order or "rename" in order:
        at_event(order)
    try:
        if order["do"] == "deliver":
            from evalkit.report.stage import deliver

            deliver([Path(file) for file in order["files"]], Path(order["out"]))
        elif order["do"] == "publish":
            from evalkit.publish import publish

            publish(evalkit.open_run(order["study"]))
        else:
            evalkit.run(evalkit.load_study(order["study"]), fresh=order.get("fresh", False))
    except EvalkitError as fault:
        print(fault, flush=True)
        return fault.exit_code
    return 0


def main() -> None:
    import matplotlib.pyplot
    import scipy.stats
    import statsmodels.api

    import evalkit.pipeline
    import evalkit.publish

    assert all((matplotlib.pyplot, scipy.stats, statsmodels.api, evalkit.pipeline))
    for line in sys.stdin:
        order = json.loads(line)
        reader, writer = os.pipe()
        child = os.fork()
        if not child:
            os.dup2(writer, 1)
            try:
                status = obey(order)
            except BaseException:
                import traceback

                print(traceback.format_exc(), flush=True)
                status = 99
            os._exit(status)
        os.close(writer)
        said = os.fdopen(reader, encoding="utf-8").read()
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        print(json.dumps({"status": status, "said": said}), flush=True)


if __name__ == "__main__":
    main()
