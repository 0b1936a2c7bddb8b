"""A site with Flask: send a face and a text, watch it being made, see the video.

    pip install 'lipsmith[service]' flask
    lipsmith serve                                  # in another terminal
    flask --app examples/flask_site.py run

LIPSMITH_REMOTE and LIPSMITH_KEY name another service than that of this machine.
"""

import os
import tempfile
from pathlib import Path

from flask import Flask, redirect, render_template_string, request, send_file, url_for
from werkzeug.wrappers import Response

from lipsmith.client import Client
from lipsmith.errors import LipsmithError

app = Flask(__name__)
app.config["MAX_CONTENT_LENGTH"] = 20_000_000
client = Client(
    os.environ.get("LIPSMITH_REMOTE", "http://127.0.0.1:8000"), os.environ.get("LIPSMITH_KEY")
)

FORM = """<!doctype html><title>A talking portrait</title>
<form action="{{ url_for('make') }}" method="post" enctype="multipart/form-data">
  <p><input type="file" name="portrait" accept="image/*" required>
  <p><textarea name="text" rows="4" cols="60" required>Nice to meet you.</textarea>
  <p><button>Make the video</button>
</form>"""

PAGE = """<!doctype html><title>{{ render.title }}</title>
{% if render.status == "done" %}
  <video src="{{ url_for('video', render=render.id) }}" controls autoplay></video>
{% elif render.is_over %}
  <p>{{ render.error or render.status }}
{% else %}
  <meta http-equiv="refresh" content="1">
  <p>{{ render.stage }} <progress value="{{ render.progress }}"></progress>
{% endif %}
<p><a href="{{ url_for('form') }}">Another one</a>"""


@app.get("/")
def form() -> str:
    return render_template_string(FORM)


@app.post("/videos")
def make() -> Response:
    with tempfile.TemporaryDirectory() as folder:
        picture = Path(folder) / "portrait"
        request.files["portrait"].save(picture)
        render = client.submit(picture, text=request.form["text"])
    return redirect(url_for("look", render=render.id), 303)


@app.get("/videos/<render>")
def look(render: str) -> str:
    return render_template_string(PAGE, render=client.look(render))


@app.get("/videos/<render>/video.mp4")
def video(render: str) -> Response:
    kept = Path(tempfile.gettempdir()) / f"{client.look(render).id}.mp4"
    if not kept.exists():
        client.download(render, kept)
    return send_file(kept)


@app.errorhandler(LipsmithError)
def wrong(error: LipsmithError) -> tuple[str, int]:
    return render_template_string("<p>{{ error }}", error=error), 400
