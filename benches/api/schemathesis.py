#!/usr/bin/env python3
"""Schemathesis over the OpenAPI document of a real appliance, with an owner's API key.

    python3 -m venv venv && venv/bin/pip install schemathesis==4.32.5
    venv/bin/python benches/api/schemathesis.py target/debug/audiagram [--examples 50] [--seed 1]

Starts the appliance on a free port in a temporary folder, makes a tenant, its owner and a key with all permissions, and sends
what the document allows and what it does not. Fails on server errors, on answers that the document does not describe, on methods
and credentials that are accepted though they should not be. Prints schemathesis' own summary.
"""

import argparse
import http.client
import json
import os
import re
import ssl
import subprocess
import sys
import tempfile

VERSION = "4.32.5"
PASSWORD = "correct horse battery staple"
CHECKS = ",".join([
    "not_a_server_error", "status_code_conformance", "content_type_conformance", "response_headers_conformance",
    "response_schema_conformance", "unsupported_method", "allow_header_conformance", "ignored_auth", "missing_required_header",
])
# These could take the key or its owner away in the middle of the run, so they come last.
LAST = ["revoke_api_key", "remove_member", "update_member", "delete_assignment", "change_password", "sign_out"]
# More than anyone sends, so that nothing is refused for its number.
CONFIG = """
[requests]
burst_s = 1000000
address_per_second = 1000000
[identity.throttle]
name_and_address_per_minute = 1000000
address_per_hour = 1000000
"""


# A part of an upload is bytes as they are.
HOOKS = """
import schemathesis

schemathesis.serializer.alias("application/partial-upload", "application/octet-stream")
"""


class Appliance:
    def __init__(self, program, folder):
        self.program, self.folder = program, folder
        config = os.path.join(folder, "audiagram.toml")
        with open(config, "w") as file:
            file.write(CONFIG)
        place = ["--data", os.path.join(folder, "data"), "--config", config]
        made = subprocess.run([program, "tenant", "create", "acme", "--plan", "enterprise", "--owner", "ada@example.org", "--json", *place],
                              check=True, capture_output=True, text=True)
        self.code = json.loads(made.stdout)["invitation"]["code"]
        self.log = open(os.path.join(folder, "log"), "w+")
        self.process = subprocess.Popen([program, "serve", "--listen", "127.0.0.1:0", *place],
                                        stderr=subprocess.PIPE, text=True)
        for line in self.process.stderr:
            found = re.search(r"https://(\S+)", line)
            if found:
                self.address = found.group(1)
                break
        else:
            sys.exit("the appliance did not start")
        # The rest of what it says goes on to our own standard error, or it would stop for a full pipe.
        subprocess.Popen(["cat"], stdin=self.process.stderr, stdout=sys.stderr)

    def ask(self, method, path, body=None, headers=()):
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        line = http.client.HTTPSConnection(self.address, context=context)
        head = {"sec-fetch-site": "same-origin", "content-type": "application/json", **dict(headers)}
        line.request(method, path, json.dumps(body) if body is not None else None, head)
        answer = line.getresponse()
        text = answer.read()
        if answer.status >= 400:
            sys.exit(f"{method} {path}: {answer.status} {text.decode()}")
        return (json.loads(text) if text else None), answer.headers

    def key(self):
        self.ask("POST", "/v1/invitations/accept", {"tenant": "acme", "code": self.code, "name": "Ada", "password": PASSWORD})
        _, headers = self.ask("POST", "/v1/session", {"tenant": "acme", "email": "ada@example.org", "password": PASSWORD})
        cookie = {"cookie": headers["set-cookie"].split(";")[0]}
        who, _ = self.ask("GET", "/v1/session", headers=cookie)
        import datetime
        until = (datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=30)).strftime("%Y-%m-%dT%H:%M:%SZ")
        new = {"name": "all", "permissions": who["permissions"], "expires": until}
        return self.ask("POST", "/v1/api-keys", new, cookie)[0]["secret"]

    def stop(self):
        self.process.terminate()
        return self.process.wait()


def run(appliance, key, options, which, phases):
    # The document names the key's scheme, so the key is left out where the door is tried without one.
    own = os.path.join(appliance.folder, "schemathesis.toml")
    hooks = os.path.join(appliance.folder, "hooks.py")
    with open(hooks, "w") as file:
        file.write(HOOKS)
    with open(own, "w") as file:
        file.write(f'hooks = "{hooks}"\n')
        file.write(f'[auth.openapi.key]\nbearer = "{key}"\n')
        file.write("[checks.missing_required_header]\nexpected-statuses = [400, 401, 403, 404, 422, 428]\n")
    command = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"), "--config-file", own, "run", f"https://{appliance.address}/v1/openapi.json",
        "--tls-verify", "false", "--checks", CHECKS, "--phases", phases,
        "--max-examples", str(options.examples), "--seed", str(options.seed), "--suppress-health-check", "all",
        "--warnings", "off", "--continue-on-failure", "--no-shrink", "--workers", str(options.workers), *which,
    ]
    return subprocess.run(command).returncode


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--examples", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=1)
    options = parser.parse_args()
    import importlib.metadata
    if importlib.metadata.version("schemathesis") != VERSION:
        sys.exit(f"this was made for schemathesis {VERSION}")
    with tempfile.TemporaryDirectory() as folder:
        appliance = Appliance(os.path.abspath(options.program), folder)
        try:
            key = appliance.key()
            without = [part for name in LAST for part in ("--exclude-operation-id", name)]
            only = [part for name in LAST for part in ("--include-operation-id", name)]
            first = run(appliance, key, options, without, "examples,coverage,fuzzing,stateful")
            # The key still opens the door, so what came before did not run against a closed one.
            appliance.ask("GET", "/v1/projects", headers={"authorization": f"Bearer {key}"})
            second = run(appliance, key, options, only, "examples,coverage,fuzzing")
        finally:
            ended = appliance.stop()
    if ended != 0:
        sys.exit(f"the appliance ended with {ended}")
    sys.exit(first or second)


main()
