"""A page with Gradio: send a face and a text, watch it being made, see the video.

    pip install 'lipsmith[service]' gradio
    lipsmith serve                                  # in another terminal
    python examples/gradio_app.py

LIPSMITH_REMOTE and LIPSMITH_KEY name another service than that of this machine.
"""

import os
import tempfile
from pathlib import Path

import gradio as gr

from lipsmith.client import Client
from lipsmith.errors import LipsmithError

client = Client(
    os.environ.get("LIPSMITH_REMOTE", "http://127.0.0.1:8000"), os.environ.get("LIPSMITH_KEY")
)
waiting = gr.Progress()


def make_video(portrait: str, text: str, bar: gr.Progress = waiting) -> str:
    video = Path(tempfile.mkdtemp()) / "video.mp4"
    try:
        client.render(
            portrait, text=text, out=video, progress=lambda seen: bar(seen.fraction, seen.stage)
        )
    except LipsmithError as error:
        raise gr.Error(str(error)) from error
    return str(video)


page = gr.Interface(
    make_video,
    [gr.Image(type="filepath", label="A face"), gr.Textbox("Nice to meet you.", label="Text")],
    gr.Video(label="The video"),
    title="A talking portrait",
)

if __name__ == "__main__":
    page.launch()
