"""A demo on an empty data folder, its pretended platforms, and a place to which their webhooks can be sent."""

import json
import queue
import re
import subprocess
import tempfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A debug build learns slowly on a busy machine.
START = 300
ANSWER = 30

PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010804000000b51c0c02"
    "0000000b4944415478da63fcff1f00030302 00efbfa7db0000000049454e44ae426082".replace(" ", "")
)


@dataclass
class Call:
    """A webhook as it came."""

    headers: dict
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


class Receiver:
    """Answers every webhook with 200 and keeps it; answers Meta's handshake with its challenge."""

    def __init__(self):
        self.calls = calls = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                calls.put(Call({name.lower(): value for name, value in self.headers.items()}, body))
                self.send_response(200)
                self.send_header("content-length", "0")
                self.end_headers()

            def do_GET(self):
                query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
                answer = query.get("hub.challenge", "").encode()
                self.send_response(200)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/webhook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def one(self):
        """The next webhook."""
        return self.calls.get(timeout=ANSWER)

    def here(self):
        """The webhooks that are here already."""
        found = []
        while not self.calls.empty():
            found.append(self.calls.get())
        return found


class Demo:
    def __init__(self, program):
        self.program = program

    def __enter__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="sala-peers-")
        command = [self.program, "--data", self.folder.name, "--no-models", "demo", "--port", "0"]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.port = self._port()
        self.receiver = Receiver()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=ANSWER)
        self.folder.cleanup()

    def _port(self):
        timer = threading.Timer(START, self.process.kill)
        timer.start()
        try:
            for line in self.process.stdout:
                found = re.search(r"simulate --port (\d+)", line)
                if found:
                    threading.Thread(target=self.process.stdout.read, daemon=True).start()
                    return int(found[1])
        finally:
            timer.cancel()
        raise SystemExit("the demo did not start")

    def account(self, channel):
        """What the pretended platform handed out for our account."""
        accounts = self._call("GET", "/demo/accounts")["accounts"]
        return next(account for account in accounts if account["channel"] == channel)

    def act(self, channel, customer, do, **what):
        """A customer does something; the webhooks that came of it. None where people cannot do that there."""
        deed = {"channel": channel, "customer": customer, "act": {"do": do, **what}}
        try:
            self._call("POST", "/demo/act", deed)
        except urllib.error.HTTPError as error:
            if error.code == 422:
                return None
            raise
        return self.receiver.here()

    def fail_next(self, channel, *faults):
        self._call("POST", "/demo/faults", {"channel": channel, "faults": list(faults)})

    def transcript(self, channel, customer):
        query = urllib.parse.urlencode({"channel": channel, "customer": customer})
        return self._call("GET", f"/demo/transcript?{query}")["lines"]

    def last(self, channel, customer):
        return self.transcript(channel, customer)[-1]

    def _call(self, method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}{path}",
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"content-type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=ANSWER) as answer:
            text = answer.read()
        return json.loads(text) if text else None
