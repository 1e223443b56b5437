"""Parts of the training side that hold one another."""

from collections import Counter

from workbench.studying.row_sets import Pool, as_many, left_of, nested, set_aside

POOL = Pool(
    tuple(f"r{n}" for n in range(120)),
    tuple(f"g{n // 2}" for n in range(120)),  # pairs of copies
    tuple("rare" if n % 10 == 0 or n % 10 == 1 else "common" for n in range(120)),
)


def test_each_part_is_within_the_next_and_the_last_is_everything():
    parts = nested(POOL, (0.25, 0.5, 1.0), seed=0)
    assert [len(part) for part in parts.values()] == [30, 60, 120]
    assert set(parts[0.25]) < set(parts[0.5]) < set(parts[1.0])


def test_copies_stand_on_one_side():
    part = set(nested(POOL, (0.25,), seed=3)[0.25])
    for one, group in zip(POOL.ids, POOL.groups, strict=True):
        mates = [other for other, own in zip(POOL.ids, POOL.groups, strict=True) if own == group]
        assert all((mate in part) == (one in part) for mate in mates)


def test_topics_keep_their_share():
    for seed in range(5):
        part = set(nested(POOL, (0.25,), seed=seed)[0.25])
        rare = sum(topic == "rare" for one, topic in zip(POOL.ids, POOL.topics, strict=True) if one in part)
        assert 4 <= rare <= 8  # a fifth of 30 is 6


def test_seeds_draw_different_parts_and_one_seed_always_the_same():
    assert nested(POOL, (0.25,), seed=0) == nested(POOL, (0.25,), seed=0)
    assert nested(POOL, (0.25,), seed=0) != nested(POOL, (0.25,), seed=1)


def test_rows_that_copy_what_is_kept_aside_are_trained_on_nowhere():
    aside = set_aside(POOL, share=0.1, seed=0)
    assert len(aside) == 12
    left = left_of(POOL, aside[:1])
    assert len(left) == 118
    assert Counter(POOL.groups[POOL.ids.index(one)] for one in left).most_common(1)[0][1] == 2


def test_as_many_rows_as_asked_for_are_drawn():
    assert len(as_many(POOL, 44, seed=0)) == 44
