"""What the measurement of overload deals out."""

from bench.overload.__main__ import parted
from bench.requests.community import Community, Viewer


def viewer(number: int) -> Viewer:
    return Viewer(f"user-{number}", f"session-{number}", "", (f"token-{number}",), (), ())


def test_who_signs_out_sends_no_other_request() -> None:
    viewers = [viewer(number) for number in range(10)]
    community = Community("", viewers, [], [], [], [(each, "post") for each in viewers])
    staying, tokens = parted(community, 4)
    assert tokens == ["token-0", "token-1", "token-2", "token-3"]
    assert staying.viewers == viewers[4:]
    assert [each for each, _ in staying.own] == viewers[4:]
