#!/usr/bin/env python3
"""Regenerates the examples that meter/README.md prints.

usage: meter/readme-examples.py TOOL FUNCTION

TOOL is lambda-meter, FUNCTION the function's binary. Each command between the markers
`<!-- example -->` and `<!-- end -->` is run, and its output replaces the old one. Use an idle
machine, and root for scaled figures.
"""

import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

README = pathlib.Path(__file__).parent / "README.md"
BLOCK = re.compile(r"(<!-- example -->\n```console\n)(.*?)(```\n<!-- end -->)", re.S)
WIDTH = 200


def command_of(block):
    """The command line of a block, with continuation lines joined."""
    lines = []
    for line in block.splitlines():
        lines.append(line.removeprefix("$ ").removesuffix("\\").strip())
        if not line.endswith("\\"):
            break
    return lines, " ".join(lines)


def shortened(line):
    """A line cut at a readable width, since README shows no line whole that is longer."""
    return line if len(line) <= WIDTH else line[: WIDTH - 2].rstrip() + " …"


def regenerated(match, tool, function):
    block = match.group(2)
    lines, command = command_of(block)
    head = block[: block.index(lines[-1]) + len(lines[-1])]
    words = shlex.split(command)
    words[0] = tool
    words = [word.replace("./bootstrap", function) for word in words]
    with tempfile.TemporaryDirectory() as folder:
        if words[1] in ("run", "ab"):
            words += ["--output", f"{folder}/results.json"]
        result = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
        output = result.stdout.replace(function, "./bootstrap").replace(f"{folder}/", "")
    if result.returncode != 0:
        sys.exit(f"{command}: exit code {result.returncode}\n{output}")
    kept = [shortened(line.rstrip()) for line in output.splitlines() if line.strip() or words[1] == "run"]
    return match.group(1) + head + "\n" + "\n".join(kept) + "\n" + match.group(3)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    tool, function = (str(pathlib.Path(path).resolve()) for path in sys.argv[1:])
    text = README.read_text(encoding="utf-8")
    README.write_text(BLOCK.sub(lambda match: regenerated(match, tool, function), text), encoding="utf-8")


if __name__ == "__main__":
    main()
