"""The part of scripts/bench that measures takt beside PyTorch, ONNX Runtime, stable-baselines3 and loops in C.

All of them compute the same: the same weights and inputs give the same probabilities within 1e-6, the same actions the same
rewards to the last bit. That is checked before anything is timed, and a difference ends the run. Then they take turns, so
that a busy machine slows all of them; a figure is the median over the turns.
"""

import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
REQUIREMENTS = ROOT / "scripts" / "bench-requirements.txt"
INFERENCE = ROOT / "scripts" / "bench-inference.py"
TRAINING = ROOT / "scripts" / "bench-training.py"
LOOPS = ROOT / "scripts" / "bench-inference.c"
ENVIRONMENT = ROOT / ".build-bench-venv"
# One thread, also for what PyTorch's own setting does not reach.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
FAMILIES = ("perceptron", "transformer")
# The perceptron of the comparison in training: 14 numbers in, two layers of 64, three actions.
TRAINED = "training perceptron 14-64-64-3, 1 thread"


def prepare_python(say):
    """A Python with the pinned libraries; made again when the pins have changed."""
    python = ENVIRONMENT / "bin" / "python"
    stamp = ENVIRONMENT / "requirements"
    wanted = REQUIREMENTS.read_text()
    if python.exists() and stamp.exists() and stamp.read_text() == wanted:
        return python
    say(f"making {ENVIRONMENT.name} with PyTorch, ONNX Runtime and stable-baselines3 (some hundred megabytes)")
    subprocess.run([sys.executable, "-m", "venv", "--clear", ENVIRONMENT], check=True)
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement", REQUIREMENTS]
    if subprocess.run(install, stdout=sys.stderr).returncode != 0:
        raise SystemExit(f"bench: the libraries of {REQUIREMENTS.name} could not be installed; pip says why above")
    stamp.write_text(wanted)
    return python


def compile_loops(folder):
    """The program with the loops in C, for this processor; `None` without a compiler."""
    compiler = shutil.which("clang") or shutil.which("cc")
    if compiler is None:
        return None
    program = folder / "inference"
    subprocess.run(
        [compiler, "-O3", "-march=native", "-ffast-math", LOOPS, "-o", program, "-lm"], check=True, stdout=sys.stderr)
    return program


def run_loops(program, folder, family):
    """Nanoseconds of an inference; ends the run where the probabilities are others than takt's."""
    answer = subprocess.run([program, folder / f"{family}.f32", family], capture_output=True, text=True)
    if answer.returncode != 0:
        raise SystemExit(f"{family}: the loops in C come to another answer than takt ({answer.returncode})")
    return float(answer.stdout)


def lines(arguments):
    """What a program says, a JSON object a line; ends the run if it fails."""
    answer = subprocess.run(
        [str(item) for item in arguments], stdout=subprocess.PIPE, text=True, env={**os.environ, **ONE_THREAD})
    if answer.returncode != 0:
        raise SystemExit(f"bench: exit code {answer.returncode} of: {' '.join(map(str, arguments))}")
    return [json.loads(line) for line in answer.stdout.splitlines()]


class Turns:
    """Figures of several programs over some turns, by what they are called."""

    def __init__(self):
        self.figures = {}
        self.notes = {}

    def add(self, name, nanoseconds, note=""):
        self.figures.setdefault(name, []).append(nanoseconds)
        self.notes[name] = note

    def median(self, name):
        return statistics.median(self.figures[name])

    def items(self, ours, title):
        """One line for each other program, with the ratio of ours to it."""
        return [
            {
                "name": title, "nanoseconds": self.median(ours), "note": self.notes[ours], "turns": len(self.figures[ours]),
                "reference": other, "reference_ns": self.median(other), "reference_note": self.notes[other],
                "ratio": self.median(ours) / self.median(other),
            }
            for other in self.figures if other != ours
        ]


def compare_inference(inside, python, folder, turns, say):
    """One inference of each family on one thread, the state given as an array, the answer as probabilities."""
    loops = compile_loops(folder)
    lines([inside, "policy", folder])
    for answer in lines([python, INFERENCE, folder, "check"]):
        say(f"{answer['name']}: takt and {answer['library']} differ by {answer['difference']:.1e}")
    results = {family: Turns() for family in FAMILIES}
    for turn in range(turns):
        say(f"inference, turn {turn + 1} of {turns}")
        for item in lines([inside, "policy", folder]):
            family, processor = item["name"].removeprefix("policy ").split(", ")
            if processor == "this processor":
                results[family].add("takt", item["nanoseconds"], item["note"])
        for family in FAMILIES if loops else ():
            results[family].add("the loops in C, for this processor", run_loops(loops, folder, family))
        for answer in lines([python, INFERENCE, folder, "time"]):
            results[answer["name"]].add(answer["library"], answer["nanoseconds"])
    return [item for family in FAMILIES for item in results[family].items("takt", f"policy {family}, one thread")]


def compare_training(inside, python, folder, turns, say):
    """A step of whole iterations on one thread, rollout and update, on the same market with networks of the same size."""
    lines([inside, "training", 1, folder])
    lines([python, TRAINING, folder, "check"])
    say("both markets are the same")
    results = Turns()
    for turn in range(turns):
        say(f"training, turn {turn + 1} of {turns}")
        for item in lines([inside, "training", 1]):
            if item["name"] == TRAINED:
                results.add("takt", item["nanoseconds"], item["note"])
        for answer in lines([python, TRAINING, folder, "time"]):
            name = f"{answer['library']}, {answer['name']}"
            results.add(name, answer["nanoseconds"], answer["note"])
    items = results.items("takt", TRAINED)
    for item in items:
        item["times_as_fast"] = 1 / item["ratio"]
    return items
