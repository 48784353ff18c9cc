"""Real targets: one nginx worker that answers on every address of 127.0.0.0/8, and inventories that point at it."""

from __future__ import annotations

import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_BODY = '{"status":"UP","components":{"db":{"status":"UP"},"ping":{"status":"UP"}},"version":"1.4.2"}'
_CONFIG = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log crit; worker_processes 1;
events {{ worker_connections 4096; }}
http {{
  access_log off; client_body_temp_path {folder}; proxy_temp_path {folder}; fastcgi_temp_path {folder};
  uwsgi_temp_path {folder}; scgi_temp_path {folder};
  default_type application/json; {servers}
}}
"""
EVERYWHERE = "server {{ listen 0.0.0.0:{port} backlog=4096; location / {{ return 200 '{body}'; }} }}"


def address(index: int) -> str:
    """Give the address of target `index`: a host of its own for each."""
    return f"127.{1 + index // 62_500}.{index // 250 % 250}.{index % 250 + 1}"


@contextmanager
def nginx(servers: str = EVERYWHERE) -> Iterator[int]:
    """Run nginx on a free port, of every loopback address unless `servers` says otherwise; give the port."""
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with tempfile.TemporaryDirectory(prefix="platformpm-nginx-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        (folder / "nginx.conf").write_text(_CONFIG.format(folder=folder, servers=servers.format(port=port, body=_BODY)))
        process = subprocess.Popen(
            [program, "-e", "stderr", "-c", str(folder / "nginx.conf")], stderr=subprocess.DEVNULL
        )
        try:
            _wait(port)
            yield port
        finally:
            process.terminate()
            process.wait(10)


def _wait(port: int) -> None:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("nginx never listened")


def inventory(folder: Path, port: int, count: int, interval: str = "30s") -> Path:
    """Write an inventory of `count` services with one instance each; give its path."""
    lines = ['[platform]\nname = "Bench"\n', f'[defaults]\ninterval = "{interval}"\ntimeout = "5s"\n']
    lines += ["[environments.production]\n", '[teams.core]\ncontact = "core@bench.example"\n']
    lines += [
        f'[services.svc-{i:04d}]\nowner = "core"\ntier = {i % 4 + 1}\nhealth = "/health"\n'
        f'instances.production = ["http://{address(i)}:{port}"]\ntarget.production = "1.4.{i % 5}"\n'
        for i in range(count)
    ]
    path = folder / f"bench-{count}.toml"
    path.write_text("\n".join(lines))
    return path
