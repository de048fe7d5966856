"""Runs the real clients of the doors, and says of each its version and whether it is content. See image/clients.sh."""

import re
import shutil
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

HERE = Path(__file__).parent
JDBC = Path("/usr/share/java/postgresql.jar")
ORACLE = Path("/usr/lib/postgresql/15/bin/postgres")
# How long all checks of a script may take, in seconds.
PATIENCE = {False: 1800, True: 55}


def of(package):
    def found():
        try:
            return version(package)
        except PackageNotFoundError:
            return None
    return found


def says(*command):
    def found():
        if not shutil.which(command[0]):
            return None
        said = subprocess.run(command, capture_output=True, text=True)
        number = re.search(r"\d+(\.\d+)+", said.stdout + said.stderr)
        return number[0] if number else "?"
    return found


def debian(package):
    def found():
        said = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Status} ${Version}", package], capture_output=True, text=True)
        state, _, number = said.stdout.partition(" ")
        return number if state == "installed" else None
    return found


# What asks, its version (nothing where it is not there), the script and how its lines about this client begin, whether it is quick.
CLIENTS = [
    ("psql", says("psql", "--version"), "wire", "psql", True),
    ("psycopg", of("psycopg"), "wire", "python", True),
    ("pgjdbc", lambda: debian("libpostgresql-jdbc-java")() if shutil.which("java") else None, "wire", "jdbc", True),
    ("psqlODBC", debian("odbc-postgresql"), "wire", "odbc", True),
    ("ADBC for PostgreSQL", of("adbc-driver-postgresql"), "wire", "arrow", True),
    ("PostgreSQL 15, the same questions", debian("postgresql-15"), "wire", "differential", False),
    ("postgres_fdw", debian("postgresql-15"), "wire", "fdw", True),
    ("Grafana, Metabase, DBeaver, Power BI (what they ask, replayed)", of("psycopg"), "wire", "shapes", True),
    ("OpenTelemetry SDK", of("opentelemetry-sdk"), "doors", "OpenTelemetry", False),
    ("pyarrow", of("pyarrow"), "doors", "pyarrow", False),
    ("Prometheus, which scrapes", says("prometheus", "--version"), "doors", "prometheus", False),
    ("promtool", says("promtool", "--version"), "doors", "promtool", False),
    ("OData, by requests and lxml", of("requests"), "doors", "OData", False),
]
# Clients of the table that cannot be had where this runs, and what stands in for them.
ELSEWHERE = [
    ("Grafana, as a server", "neither in Debian nor on PyPI; its questions are replayed"),
    ("Metabase, DBeaver", "downloads of their makers alone; their questions are replayed"),
    ("Power BI, Excel", "Windows alone; Npgsql's questions are replayed, OData is asked by requests"),
    ("sqllogictest", "its runner is a crate to be built; benches/wire/questions.sql holds the same questions against PostgreSQL 15"),
]


def run(script, program, names, quick):
    """Lines of a script by its clients' names: whether all is well, and what is not."""
    command = [sys.executable, str(HERE / script / "run.py"), program, *names]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE[quick])
        text, end = done.stdout, done.stderr.strip().splitlines()[-1:] if done.returncode else []
    except subprocess.TimeoutExpired as late:
        text, end = (late.stdout or b"").decode(), [f"stopped after {PATIENCE[quick]} s"]
    return text, end[0] if end else "it said nothing"


def main():
    arguments = sys.argv[1:]
    quick = "--quick" in arguments
    program = next(word for word in arguments if not word.startswith("--"))
    rows, failed = [], 0
    for script, needs in (("wire", ORACLE), ("doors", None)):
        own = [client for client in CLIENTS if client[2] == script]
        there = [client for client in own if client[1]() and (client[4] or not quick)]
        missing = needs and not needs.exists()
        text, end = ("", "") if missing or not there else run(script, program, [client[3] for client in there] if script == "wire" else [], quick)
        for client in own:
            name, number, _, begins, _ = client
            number = number()
            lines = re.findall(rf"^(ok|FAILED) +({re.escape(begins)}\b.*)$", text, re.MULTILINE)
            wrong = [line for state, line in lines if state != "ok"]
            if not number:
                state = "not here: image/clients.sh without --quick installs it"
            elif client not in there:
                state = "not asked: too long for --quick"
            elif missing:
                state = "not asked: postgresql-15 is not installed"
            elif wrong or not lines:
                state, failed = f"FAILED: {wrong[0] if wrong else end}", failed + 1
            else:
                state = "green" if len(lines) == 1 else f"green ({len(lines)} checks)"
            rows.append((name, number or "-", state))
    rows += [(name, "-", f"not here: {why}") for name, why in ELSEWHERE]
    first, second = (max(len(row[column]) for row in rows) for column in (0, 1))
    for name, number, state in [("client", "version", "state"), *rows]:
        print(f"{name:{first}}  {number:{second}}  {state[:300]}")
    sys.exit(min(failed, 1))


if __name__ == "__main__":
    main()
