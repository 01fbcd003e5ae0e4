"""Newest pictures for web browsers on this machine: one small page, one JPEG an address."""
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import threading
import time
from typing import Dict, Sequence
from urllib.parse import quote, unquote, urlsplit

HOST = '127.0.0.1'
NAMES = ('127.0.0.1', 'localhost')
WATCHED_S = 2.0     # an address that nobody asked for so long is not watched
FRESH_S = 2.0       # a picture that is older is not shown: nobody shall take it for live
PAGE = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><title>physai</title>
<style>
body {{ margin: 0; padding: 12px; background: #1b1e21; color: #d5d8da; font: 14px sans-serif }}
main {{ display: flex; flex-wrap: wrap; gap: 12px }}
figure {{ margin: 0; max-width: 100% }}
img {{ display: block; min-width: 320px; min-height: 180px; max-width: 100% }}
figcaption {{ padding: 4px 8px; background: #2a2e32 }}
.lost img {{ opacity: 0.25 }}
.lost figcaption::after {{ content: ': no picture'; color: #ff6b5e }}
</style>
<main>{figures}</main>
<script>
async function follow(figure) {{
  const image = figure.querySelector('img');
  for (;;) {{
    let shown = false;
    try {{
      const answer = await fetch(image.dataset.src, {{cache: 'no-store'}});
      if (answer.ok) {{
        const before = image.src;
        image.src = URL.createObjectURL(await answer.blob());
        if (before) URL.revokeObjectURL(before);
        shown = true;
      }}
    }} catch (error) {{ }}
    figure.classList.toggle('lost', !shown);
    await new Promise(done => setTimeout(done, shown ? 100 : 500));
  }}
}}
document.querySelectorAll('figure').forEach(follow);
</script></html>
"""
FIGURE = ('<figure class="lost"><img alt="" data-src="{src}"><figcaption>{name}</figcaption>'
          '</figure>')


class Web:
    """
    Serves pictures at ``http://127.0.0.1:port``, in threads of its own.

    Only this machine can ask, and only by these names, so that no foreign web page can read along.

    :param names: of the pictures, in the order of the page
    :param port: 0: any that is free
    :raises OSError: when the port is taken
    """

    def __init__(self, names: Sequence[str], port: int):
        self._asked_s = dict.fromkeys(names, float('-inf'))
        self._pictures: Dict[str, tuple] = {}
        page = PAGE.format(figures=''.join(
            FIGURE.format(src=quote(f'/{name}.jpg'), name=escape(name)) for name in names))
        self._page = page.encode()
        self._server = _Server((HOST, port), self._handler())
        self.url = f'http://{HOST}:{self._server.server_address[1]}'
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def watched(self, name: str) -> bool:
        """Return whether somebody is looking at a picture."""
        return time.monotonic() - self._asked_s[name] < WATCHED_S

    def put(self, name: str, jpeg: bytes):
        """Show a new picture from now on."""
        self._pictures[name] = time.monotonic(), jpeg

    def close(self):
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, host: str, path: str):
        """Return status, content type and body for a request."""
        if urlsplit(f'//{host}').hostname not in NAMES:
            return 403, 'text/plain', f'ask for {NAMES[0]} or {NAMES[1]}'.encode()
        if path == '/':
            return 200, 'text/html; charset=utf-8', self._page
        name = unquote(urlsplit(path).path)[1:].removesuffix('.jpg')
        if name not in self._asked_s:
            return 404, 'text/plain', b'no such picture'
        self._asked_s[name] = time.monotonic()
        taken_s, jpeg = self._pictures.get(name, (float('-inf'), b''))
        if time.monotonic() - taken_s > FRESH_S:
            return 503, 'text/plain', b'no picture'
        return 200, 'image/jpeg', jpeg

    def _handler(self):
        answer = self._answer

        class Handler(BaseHTTPRequestHandler):
            """Answers GET; logs nothing."""

            protocol_version = 'HTTP/1.1'
            timeout = 10.0

            def do_GET(self):  # noqa: N802
                status, kind, body = answer(self.headers.get('Host', ''), self.path)
                self.send_response(status)
                self.send_header('Content-Type', kind)
                self.send_header('Content-Length', str(len(body)))
                self.send_header('Cache-Control', 'no-store')
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        return Handler


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """Say nothing: a browser that hangs up in the middle is no news."""
