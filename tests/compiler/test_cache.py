"""What was not used for longest goes first, and the weight never passes the bound."""

from hypothesis import given, strategies as st

from resolvers.cache import Bounded


def test_least_recently_used_goes_first() -> None:
    cache: Bounded[str, int] = Bounded(2)
    cache.put("a", 1)
    cache.put("b", 2)
    assert cache.get("a") == 1
    cache.put("c", 3)
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)


def test_what_is_too_heavy_is_not_kept_and_replaces_nothing_else() -> None:
    cache: Bounded[str, int] = Bounded(5)
    cache.put("a", 1, weight=3)
    cache.put("b", 2, weight=6)
    assert (cache.get("a"), cache.get("b"), cache.weight) == (1, None, 3)


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 9))))
def test_weight_is_the_sum_of_what_is_kept(entries: list[tuple[int, int]]) -> None:
    cache: Bounded[int, int] = Bounded(20)
    for key, weight in entries:
        cache.put(key, weight, weight)
        assert cache.weight <= 20
    assert cache.weight == sum(filter(None, (cache.get(key) for key in range(21))))
