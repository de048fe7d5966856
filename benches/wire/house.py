"""An appliance with two tenants, and a PostgreSQL 15 with the rows of one of them."""

import json
import os
import pwd
import re
import shutil
import socket
import ssl
import subprocess
import tempfile
import time
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path

CANARY = "canary-of-the-other"
PASSWORD = "correct horse battery staple"
RIGHTS = ["query:run", "project:read", "asset:read", "render:read", "cost:read", "member:read", "audit:read"]
BINARIES = Path("/usr/lib/postgresql/15/bin")


class Tenant:
    """A tenant whose owner is signed in."""

    def __init__(self, house, name):
        made = subprocess.run(
            [house.program, "tenant", "create", name, "--owner", f"ada@{name}.example", "--json", "--data", house.data],
            check=True, capture_output=True, cwd=house.folder)
        self.name, self.house = name, house
        self.code = json.loads(made.stdout)["invitation"]["code"]
        self.cookie = ""

    def ask(self, method, path, body=None):
        request = urllib.request.Request(
            self.house.url + path, method=method, data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json", "sec-fetch-site": "same-origin", "cookie": self.cookie})
        with urllib.request.urlopen(request, context=self.house.tls) as answer:
            if cookie := answer.headers.get("set-cookie"):
                self.cookie = cookie.split(";")[0]
            return json.loads(answer.read() or b"null")

    def fill(self, title, rows):
        self.ask("POST", "/v1/invitations/accept",
                 {"tenant": self.name, "code": self.code, "name": "Ada", "password": PASSWORD})
        self.ask("POST", "/v1/session",
                 {"tenant": self.name, "email": f"ada@{self.name}.example", "password": PASSWORD})
        self.ask("POST", "/v1/projects", {"title": title})
        self.ask("POST", "/v1/rate-cards", {"from": "2020-01-01T00:00:00Z", "currency": "EUR", "rates": [
            {"meter": "mails", "price_micros": 10_000, "block": 3}]})
        for start in range(0, len(rows), 1000):
            counts = self.ask("POST", "/v1/usage/events", rows[start:start + 1000])
            assert counts["rejected"] == 0, counts
        expires = (datetime.now(timezone.utc) + timedelta(days=1)).isoformat().replace("+00:00", "Z")
        key = self.ask("POST", "/v1/me/api-keys", {"name": "reports", "permissions": RIGHTS, "expires": expires})
        self.user, self.password = key["id"], key["secret"]


class House:
    """Everything, in a folder that is removed at the end."""

    def __init__(self, program):
        self.program = program
        self.folder = Path(tempfile.mkdtemp(prefix="wire-"))
        self.data = str(self.folder / "data")
        (self.folder / "a.toml").write_text("[postgres]\nlisten = '127.0.0.1:0'\n[query]\nrunning_per_tenant = 8\n[requests]\nburst_s = 10000\n")
        self.tls = ssl._create_unverified_context()
        tenants = [Tenant(self, name) for name in ("acme", "other")]
        self.child = subprocess.Popen(
            [program, "serve", "--data", self.data, "--listen", "127.0.0.1:0", "--config", "a.toml"],
            cwd=self.folder, stderr=subprocess.PIPE, text=True)
        self.url = self.wire = None
        for line in self.child.stderr:
            if found := re.search(r"postgresql://127\.0\.0\.1:(\d+)", line):
                self.wire = int(found[1])
            if found := re.search(r"https://\S+", line):
                self.url = found[0]
                break
        # The rest must find a reader.
        subprocess.Popen(["cat"], stdin=self.child.stderr, stdout=subprocess.DEVNULL)
        self.certificate = str(self.folder / "data/tls/cert.pem")
        base = (datetime.now(timezone.utc) - timedelta(days=20)).replace(minute=0, second=0, microsecond=0)
        self.rows = [self.row(base, n) for n in range(5000)]
        self.ours, self.other = tenants
        self.ours.fill("Orders", self.rows)
        self.other.fill(CANARY, [self.row(base, 0) | {"source": CANARY}])
        self.postgres()

    @staticmethod
    def row(base, n):
        moment = base + timedelta(minutes=5 * n, milliseconds=n)
        return {"specversion": "1.0", "id": str(n), "source": f"crm-{n % 7}", "type": ["mails", "calls", "sms"][n % 3],
                "time": moment.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
                "data": {"quantity": (n * 7919) % 1000 - 20, "unit": "piece"}}

    def postgres(self):
        """The oracle: the same rows by way of a copy from us, so that only what is asked about them can differ."""
        owner = pwd.getpwnam("postgres")
        home = self.folder / "oracle"
        home.mkdir()
        self.folder.chmod(0o755)
        os.chown(home, owner.pw_uid, owner.pw_gid)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.oracle = probe.getsockname()[1]

        def run(*command):
            subprocess.run(["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", *command],
                           check=True, stdout=subprocess.DEVNULL, cwd="/", env=os.environ | {"HOME": str(home)})
        run(BINARIES / "initdb", "-D", home / "db", "-A", "trust", "-E", "UTF8", "--locale=C")
        run(BINARIES / "pg_ctl", "-D", home / "db", "-l", home / "log", "-w", "-o",
            f"-p {self.oracle} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off -c timezone=UTC", "start")
        self.stop_oracle = lambda: run(BINARIES / "pg_ctl", "-D", home / "db", "-m", "immediate", "stop")

    def environment(self, **more):
        """What tells libpq where we are."""
        return os.environ | {
            "PGHOST": "localhost", "PGHOSTADDR": "127.0.0.1", "PGPORT": str(self.wire), "PGUSER": self.ours.user, "PGDATABASE": "acme",
            "PGPASSWORD": self.ours.password, "PGSSLMODE": "verify-full", "PGSSLROOTCERT": self.certificate,
            "LC_ALL": "C.UTF-8"} | more

    def close(self):
        self.child.terminate()
        self.child.wait(20)
        self.stop_oracle()
        time.sleep(0.2)
        shutil.rmtree(self.folder, ignore_errors=True)
