"""Start the Streamlit chat on a loopback address: asks nothing, opens nothing, sends nothing.

The server runs in this process, in the folder of `app.py`, so that its own `.streamlit/config.toml` counts
and no other. What the page needs to know goes through the environment.
"""

from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

from models.errors import HoibaoError

HERE = Path(__file__).resolve().parent
HOST = "127.0.0.1"
LIBRARY_VARIABLE = "HOIBAO_LIBRARY"


def free_port(wanted: int, *, tries: int = 50) -> int:
    """Return the first free loopback port from `wanted` on. Raises `HoibaoError` if all are taken."""
    for port in range(wanted, min(wanted + tries, 65_536)):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((HOST, port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise HoibaoError(
        f"các cổng từ {wanted} đến {wanted + tries - 1} đều bận.", repair="hoibao chat --port 0"
    )


def streamlit_arguments(port: int) -> list[str]:
    """Return the arguments for Streamlit; those that matter most are said again, against a changed file."""
    return [
        "streamlit",
        "run",
        str(HERE / "app.py"),
        f"--server.address={HOST}",
        f"--server.port={port}",
        "--server.headless=true",
        "--browser.gatherUsageStats=false",
    ]


def run_chat(*, home: Path, library: str, port: int) -> None:
    """Serve the chat until interrupted. `library` is a name or an absolute folder."""
    os.environ["HOIBAO_HOME"] = str(home)
    os.environ[LIBRARY_VARIABLE] = library
    # No library of ours may ask a hub about anything; `models pull` runs in another process.
    os.environ["HF_HUB_OFFLINE"] = "1"
    os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    os.chdir(HERE)
    from streamlit.web import cli as streamlit_cli

    sys.argv = streamlit_arguments(port)
    streamlit_cli.main()
