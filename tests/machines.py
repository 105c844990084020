"""Other machines, as this one plays them: an S3 server, and a Ray cluster of several nodes, on loopback."""

import logging
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest

CORE = {"num_cpus": 1, "object_store_memory": 100 * 2**20}
QUIET = {
    "RAY_AUTH_MODE": "disabled",  # else ~/.ray/auth_token is written
    "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER": "0",  # else the interface's address is taken, not 127.0.0.1
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_DEDUP_LOGS": "0",
}


@pytest.fixture(scope="session")
def bucket() -> Iterator[str]:
    """Address of a bucket of an S3 server."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "key")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_REGION", "us-east-1")
        import boto3

        boto3.client("s3").create_bucket(Bucket="shards")
        yield "s3://shards"
    server.stop()


class Nodes:
    """A Ray cluster: a head without a core, and three nodes of one; the first says that it has a GPU."""

    def __init__(self, cluster: Any) -> None:
        self._cluster = cluster
        self.address = cluster.address
        self._add(num_gpus=1)
        self._plain = [self._add(), self._add()]

    def _add(self, **more: int) -> Any:
        with pytest.MonkeyPatch.context() as patch:  # its workers import what tests do
            patch.setenv("PYTHONPATH", os.pathsep.join([str(Path(__file__).parent / "shards"), *sys.path]))
            return self._cluster.add_node(**CORE, **more)

    def lose(self) -> None:
        """Have a node be gone, all of a sudden."""
        self._cluster.remove_node(self._plain.pop(), allow_graceful=False)

    def replace(self) -> None:
        """Have a new node for the one that is lost."""
        self._plain.append(self._add())

    def workers(self) -> list[psutil.Process]:
        """Workers that are there now, on all nodes."""
        found = psutil.Process().children(recursive=True)
        return [process for process in found if _title(process).startswith("ray::_Hand")]


def _title(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


@pytest.fixture(scope="session")
def nodes(bucket: str) -> Iterator[Nodes]:
    """A running Ray cluster, whose nodes have the keys of the bucket; RAY_ADDRESS is for tests to set."""
    ray = pytest.importorskip("ray", reason="no Ray: pip install 'seje[ray]'")
    from ray.cluster_utils import Cluster

    with pytest.MonkeyPatch.context() as patch:
        folder = tempfile.mkdtemp(prefix="ray")  # names of sockets must be short
        patch.setenv("RAY_TMPDIR", folder)
        for name, value in QUIET.items():
            patch.setenv(name, value)
        head = {**CORE, "num_cpus": 0, "include_dashboard": False}
        cluster = Cluster(initialize_head=True, head_node_args=head)
        yield Nodes(cluster)
        ray.shutdown()
        cluster.shutdown()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def on_nodes(nodes: Nodes, monkeypatch: pytest.MonkeyPatch) -> Nodes:
    """The Ray cluster, as the one that is set."""
    monkeypatch.setenv("RAY_ADDRESS", nodes.address)
    return nodes
