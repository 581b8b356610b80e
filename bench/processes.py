"""What processes have used so far. The benchmark of a server runs in a process of its own."""

from pathlib import Path

from bench.requests.servers import cpu_time


def cpu_seconds(pid: int) -> float:
    """The CPU that a process has used, with all its threads; 0 if it has ended."""
    return (cpu_time(pid) or 0) / 1e9


def memory_kib(pid: int) -> int:
    """The memory of a process now."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmRSS:")[2].split()[0])
