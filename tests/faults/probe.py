"""Calls /health/live until it gets a line on stdin, then prints the response times as JSON.

    python probe.py http://127.0.0.1:8000

It runs as a separate process, so that the test's own work does not slow the measurement.
"""

import http.client
import json
import select
import sys
import time
from urllib.parse import urlsplit


def main() -> None:
    address = urlsplit(sys.argv[1])
    connection = http.client.HTTPConnection(str(address.hostname), address.port, timeout=300)
    seconds = []
    while not select.select([sys.stdin], [], [], 0.01)[0]:
        begun = time.perf_counter()
        connection.request("GET", "/health/live")
        response = connection.getresponse()
        response.read()
        seconds.append(time.perf_counter() - begun)
        assert response.status == 200
    json.dump(seconds, sys.stdout)


if __name__ == "__main__":
    main()
