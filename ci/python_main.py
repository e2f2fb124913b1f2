"""The start of a program that holds Python, for tests: as `python3` with a file, `-c`, `-m` or `-`.

The programs are those of freeze-core, which freezes applications: they hold the interpreter, import this module
by its name `__init__python`, and call `run`. The standard library lies in the folder of this file, and C
extensions beside it. `-I`, `-q` and their like are passed over.
"""

import os
import signal
import sys


def run(_):
    here = os.path.dirname(__file__)
    sys.path[:] = [here, os.path.join(os.path.dirname(os.path.dirname(here)), "lib")]
    # The program starts as one that is embedded, without Ctrl-C and without an environment.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    sys.path[:0] = [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    sys.dont_write_bytecode = bool(os.environ.get("PYTHONDONTWRITEBYTECODE"))
    # The script in front, which names the C library.
    sys.executable = sys._base_executable = os.environ["PYTHON_EXECUTABLE"]

    import runpy

    arguments = sys.argv[1:]
    while arguments and arguments[0][:1] == "-" and arguments[0][1:2] not in ("", "c", "m"):
        # `-X dev` and `-W error` are two words.
        del arguments[: 2 if arguments[0] in ("-X", "-W") else 1]
    if not arguments:
        sys.exit("expected a file, -c CODE, -m MODULE or -")
    how = arguments[0]
    if how == "-m":
        sys.argv = arguments[1:]
        sys.path.insert(0, os.getcwd())
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    elif how in ("-c", "-"):
        code = arguments[1] if how == "-c" else sys.stdin.read()
        sys.argv = [how, *arguments[2 if how == "-c" else 1 :]]
        sys.path.insert(0, "")
        exec(compile(code, "<string>", "exec"), sys.modules["__main__"].__dict__)
    else:
        sys.argv = arguments
        sys.path.insert(0, os.path.dirname(os.path.abspath(how)))
        runpy.run_path(how, run_name="__main__")
