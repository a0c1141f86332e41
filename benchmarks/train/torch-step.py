"""The same training step with PyTorch's nn.LSTM on the CPU.

Usage: python3 torch-step.py HIDDEN STEPS RUNS THREADS. Prints one line of JSON; says so where PyTorch is missing.
"""
import json
import os
import sys
import time

try:
    import torch
except ImportError:
    print(json.dumps({"missing": "PyTorch is not installed (Debian and Ubuntu: apt install python3-torch)"}))
    sys.exit(0)

hidden, steps, runs, threads = map(int, sys.argv[1:5])
vocabulary, batch, layers = 10_000, 20, 2
torch.set_num_threads(threads)
torch.manual_seed(1)


class Model(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = torch.nn.Embedding(vocabulary, hidden)
        self.lstm = torch.nn.LSTM(hidden, hidden, layers)
        self.output = torch.nn.Linear(hidden, vocabulary)

    def forward(self, words, state):
        y, state = self.lstm(self.embedding(words), state)
        return self.output(y), state


model = Model()
parameters = list(model.parameters())
for p in parameters:
    torch.nn.init.uniform_(p, -0.05, 0.05)
optimizer = torch.optim.SGD(parameters, lr=1.0)
state = tuple(torch.zeros(layers, batch, hidden) for _ in range(2))


def step(state):
    words = torch.randint(0, 300, (steps, batch))
    labels = torch.randint(0, 300, (steps * batch,))
    optimizer.zero_grad()
    logits, state = model(words, state)
    loss = torch.nn.functional.cross_entropy(logits.view(-1, vocabulary), labels, reduction="sum") / batch
    loss.backward()
    torch.nn.utils.clip_grad_norm_(parameters, 5)
    optimizer.step()
    return loss.item() / steps, tuple(s.detach() for s in state)


times = []
for run in range(runs + 2):
    start = time.perf_counter()
    loss, state = step(state)
    if run >= 2:
        times.append(time.perf_counter() - start)


def blas_name():
    """The BLAS in use: PyTorch's own, or the library that the distribution's BLAS points to."""
    for line in torch.__config__.show().splitlines():
        if "BLAS_INFO=mkl" in line or "BLAS_INFO=open" in line:
            return line.split("BLAS_INFO=")[1].split(",")[0]
    for line in open("/proc/self/maps", encoding="utf-8"):
        if "blas" in line:
            return os.path.realpath(line.split()[-1])
    return "unknown BLAS"


print(json.dumps({
    "loss": loss, "milliseconds": 1000 * min(times), "version": torch.__version__,
    "threads": torch.get_num_threads(), "blas": blas_name(),
}))
