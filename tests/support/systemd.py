"""A fake systemd, which services notify."""

import socket

from tests.support.waiting import HANG_SECONDS


class Manager:
    def __init__(self, address: str) -> None:
        self.address = address
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind("\0" + address[1:] if address.startswith("@") else address)
        self._socket.settimeout(HANG_SECONDS)

    def fileno(self) -> int:
        return self._socket.fileno()

    def receive(self) -> str:
        return self._socket.recv(4096).decode()

    def receive_until(self, state: str) -> list[str]:
        messages = [self.receive()]
        while messages[-1] != state:
            messages.append(self.receive())
        return messages

    def close(self) -> None:
        self._socket.close()
