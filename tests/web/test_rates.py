"""How many requests somebody may make, by a clock of the test's own."""

from fieldcheck.web.rates import MOST_KEPT, Buckets, Rate

TEN = Rate(at_once=10, a_second=2)


def test_more_than_is_there_is_refused_and_time_gives_it_back() -> None:
    buckets = Buckets(TEN, TEN)

    at_once = [buckets.wait(None, "10.1.1.1", "/join", 0.0) for _ in range(12)]
    later = [buckets.wait(None, "10.1.1.1", "/join", 1.0) for _ in range(3)]

    assert at_once == [0] * 10 + [1, 1]
    assert later == [0, 0, 1]


def test_a_clock_that_goes_back_gives_nothing() -> None:
    buckets = Buckets(TEN, TEN)
    while not buckets.wait(None, "10.1.1.1", "/join", 100.0):
        pass

    assert buckets.wait(None, "10.1.1.1", "/join", 50.0) == 1


def test_a_phone_that_sends_a_whole_visit_at_once_is_never_asked_to_wait() -> None:
    """Sixty answers one by one, forty photos of five megabytes in parts of 256 kB each with a question before it."""
    buckets, requests = Buckets(), 60 + 40 * (20 + 1) + 10

    assert [buckets.wait("hers", "10.1.1.1", "/api/visits/x", 0.0) for _ in range(requests)] == [0] * requests


def test_the_memory_of_who_asked_has_an_end() -> None:
    buckets = Buckets(TEN, TEN)

    for number in range(MOST_KEPT + 100):
        buckets.wait(None, str(number), "/join", 0.0)

    assert len(buckets._left) == MOST_KEPT
