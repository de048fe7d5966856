#!/usr/bin/env python3
"""A report that comes in the mail by STARTTLS: the schedule's minute, the run, its PDF, and a real server that takes it.

    benches/doors/run.sh PROGRAM letters.py

aiosmtpd takes nothing and lets nobody sign in before the line is secret. One server shows the certificate that the appliance was told of,
and gets the mail; the other shows one that nobody vouches for, and is told nothing.
"""
import email
import email.policy
import ssl
import subprocess
import sys
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, LoginPassword

import run
from run import House, check, free_port

PASSWORD = "a secret of the appliance"


class Letters:
    """What a server was told."""

    def __init__(self):
        self.taken, self.begun = [], []

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        self.begun.append((hostname, session.ssl is not None))
        return responses

    async def handle_DATA(self, server, session, envelope):
        self.taken.append((envelope.rcpt_tos, envelope.content))
        return "250 taken"

    def authenticate(self, server, session, envelope, mechanism, data):
        right = isinstance(data, LoginPassword) and (data.login, data.password) == (b"appliance", PASSWORD.encode())
        return AuthResult(success=right, handled=False)


def serve(folder, name):
    """A mail server on loopback, and its certificate."""
    certificate, key, letters = folder / f"{name}.pem", folder / f"{name}-key.pem", Letters()
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext",
         "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", key, "-out", certificate],
        check=True, capture_output=True)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    server = Controller(letters, hostname="127.0.0.1", port=free_port(), tls_context=tls, require_starttls=True, auth_required=True,
                        authenticator=letters.authenticate)
    server.start()
    return server, certificate, letters


def house_with(program, port, certificate, folder):
    (folder / "password").write_text(PASSWORD)
    settings = (f"[mail]\nserver = 'localhost'\nport = {port}\ntls = 'starttls'\nca = '{certificate}'\nfrom = 'Audiagram <reports@acme.example>'\n"
                f"user = 'appliance'\npassword_file = '{folder}/password'\n")
    return House(program, ["report:read", "report:create", "report:export", "report:schedule"], settings)


def ordered(house):
    """A report whose schedule is due in the next minute, for its owner."""
    section = {"id": "s0", "chart": {"type": "value", "title": "Projects", "query": {"sql": "SELECT count(*) AS n FROM projects"}}}
    report = house.ask("POST", "/v1/reports", {"title": "Monday", "period": "last_week", "zone": "UTC", "language": "en", "sections": [section]})
    due = datetime.now(timezone.utc) + timedelta(seconds=70)
    rows = house.sql("SELECT user_id FROM users")
    deliver = {"users": [rows[0][0]], "webhooks": [], "mail": "en", "forms": ["pdf"], "connectors": []}
    house.ask("POST", f"/v1/reports/{report['id']}/schedules", {"cadence": {"daily": {"at": f"{due:%H:%M}"}}, "zone": "UTC", "deliver": deliver})


def main():
    folder = Path(run.tempfile.mkdtemp(prefix="letters-"))
    server, certificate, letters = serve(folder, "known")
    stranger, _, told = serve(folder, "stranger")
    houses = [house_with(sys.argv[1], port, certificate, folder) for port in (server.port, stranger.port)]
    try:
        for house in houses:
            ordered(house)
        for _ in range(300):
            if letters.taken and told.begun:
                break
            time.sleep(1)
        check("a mail came", len(letters.taken), 1)
        receivers, content = letters.taken[0]
        letter = email.message_from_bytes(content, policy=email.policy.default)
        files = [(part.get_content_type(), part.get_content()[:5]) for part in letter.iter_attachments()]
        check("to whom it is for, with its file", (receivers, files), (["ada@acme.example"], [("application/pdf", b"%PDF-")]))
        check("greeted in the clear, then in secret", [secret for _, secret in letters.begun], [False, True])
        check("a server that nobody vouches for hears a greeting and nothing else", (told.taken, {secret for _, secret in told.begun}), ([], {False}))
    finally:
        for house in houses:
            house.close()
        server.stop()
        stranger.stop()
    print(f"failed: {run.failed}")
    sys.exit(min(run.failed, 1))


if __name__ == "__main__":
    main()
