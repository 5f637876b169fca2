"""The embedded broker: it starts, keeps what it has acknowledged whatever kills it, and stops when told."""

import asyncio
import os
import signal
import socket
from pathlib import Path

import pytest
from nats.aio.client import Client
from nats.errors import Error as NatsError

from tests.runtime.event_parts import until
from zhongtai.runtime.broker import Broker, BrokerDidNotStart
from zhongtai.runtime.bus import Bus, BusUnreachable


def alive(pid: int) -> bool:
    """True where the process runs and is not a zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


async def test_starts_on_the_loopback_only_with_every_write_synced_and_stops_by_its_own_pid(tmp_path: Path) -> None:
    folder = tmp_path / "数据 one"
    broker = Broker(folder)
    await broker.start()
    pid = broker.pid
    assert alive(pid)
    assert (folder / "jetstream").is_dir()
    configuration = (folder / "nats-server.conf").read_text(encoding="utf-8")
    assert '"sync_interval": "always"' in configuration
    assert f'"listen": "127.0.0.1:{broker.port}"' in configuration
    async with asyncio.timeout(2):
        await broker.stop()
    assert not alive(pid)
    assert broker.pid == 0
    assert not (folder / "nats-server.pid").exists()


async def test_is_started_again_on_the_same_port_and_data_when_it_is_killed(tmp_path: Path) -> None:
    broker = Broker(tmp_path)
    await broker.start()
    bus = await Bus.connect(broker.url)
    await bus.store("zhongtai.dead_letters.risk", b"kept", {"Nats-Msg-Id": "1"})
    first, port = broker.pid, broker.port
    os.kill(first, signal.SIGKILL)
    await until(lambda: broker.pid not in (0, first))
    await until(lambda: bus.client.is_connected)
    assert broker.port == port
    message = await bus.streams.get_msg("zhongtai_dead_letters", seq=1)
    assert message.data == b"kept"
    await bus.close()
    await broker.stop()


async def test_a_broker_left_behind_by_a_killed_platform_is_ended_before_a_new_one_opens_its_data(
    tmp_path: Path,
) -> None:
    left_behind = Broker(tmp_path)
    await left_behind.start()
    bus = await Bus.connect(left_behind.url)
    await bus.store("zhongtai.dead_letters.risk", b"kept", {"Nats-Msg-Id": "1"})
    await bus.close()
    assert left_behind._watch is not None
    left_behind._watch.cancel()  # the platform that watched over it is dead
    orphan = left_behind.pid
    broker = Broker(tmp_path, port=left_behind.port)
    await broker.start()
    assert not alive(orphan)
    bus = await Bus.connect(broker.url)
    assert (await bus.streams.get_msg("zhongtai_dead_letters", seq=1)).data == b"kept"
    await bus.close()
    await broker.stop()


async def test_a_pid_file_that_names_a_stranger_harms_nobody(tmp_path: Path) -> None:
    stranger = await asyncio.create_subprocess_exec("sleep", "60")
    (tmp_path / "nats-server.pid").write_text(str(stranger.pid), encoding="utf-8")
    broker = Broker(tmp_path)
    await broker.start()
    assert alive(stranger.pid)
    await broker.stop()
    stranger.kill()
    await stranger.wait()


async def test_a_chosen_port_that_is_taken_is_said_so_with_the_place_of_the_log(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(BrokerDidNotStart, match=r"nats-server\.log"):
            await Broker(tmp_path, port=taken.getsockname()[1]).start()


async def test_with_a_token_nobody_comes_in_without_it(tmp_path: Path) -> None:
    broker = Broker(tmp_path, token="open sesame {1}")
    await broker.start()
    assert (tmp_path / "nats-server.conf").stat().st_mode & 0o077 == 0

    async def quiet(_failure: Exception) -> None:
        """The refusal is what the test asks for."""

    with pytest.raises((NatsError, OSError)):
        await Client().connect(broker.url, max_reconnect_attempts=1, reconnect_time_wait=0, error_cb=quiet)
    with pytest.raises(BusUnreachable):
        await Bus.connect(broker.url, token="wrong", within=0.5)
    bus = await Bus.connect(broker.url, token="open sesame {1}")
    assert bus.client.is_connected
    await bus.close()
    await broker.stop()
