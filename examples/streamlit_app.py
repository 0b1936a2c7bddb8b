"""A page with Streamlit: send a face and a text, watch it being made, see the video.

    pip install 'lipsmith[service]' streamlit
    lipsmith serve                                  # in another terminal
    streamlit run examples/streamlit_app.py

LIPSMITH_REMOTE and LIPSMITH_KEY name another service than that of this machine.
"""

import os
import tempfile
import time
from pathlib import Path

import streamlit as st

from lipsmith.client import Client
from lipsmith.errors import LipsmithError


@st.cache_resource
def service() -> Client:
    url = os.environ.get("LIPSMITH_REMOTE", "http://127.0.0.1:8000")
    return Client(url, os.environ.get("LIPSMITH_KEY"))


st.title("A talking portrait")
portrait = st.file_uploader("A face", ["jpg", "png", "webp"])
text = st.text_area("What it says", "Nice to meet you.")

if st.button("Make the video", disabled=portrait is None) and portrait is not None:
    client, bar = service(), st.progress(0.0)
    try:
        with tempfile.TemporaryDirectory() as name:
            picture, video = Path(name) / "portrait", Path(name) / "video.mp4"
            picture.write_bytes(portrait.getvalue())
            render = client.submit(picture, text=text)
            while not render.is_over:
                time.sleep(0.3)
                render = client.look(render.id)
                bar.progress(render.progress, render.stage)
            if render.status == "done":
                st.video(client.download(render.id, video).read_bytes())
            else:
                st.error(render.error or render.status)
    except LipsmithError as error:
        st.error(str(error))
