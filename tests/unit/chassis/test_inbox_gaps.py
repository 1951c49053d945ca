"""Walking along two sorted lists of subjects finds exactly those that stand behind."""

from hypothesis import given
from hypothesis import strategies as st

from chassis.inbox_gaps import Cursor, Head, subjects_behind

subjects = st.text(alphabet="ab-0:é鹤", min_size=1, max_size=3)
heads = st.dictionaries(subjects, st.integers(1, 3))
cursors = st.dictionaries(subjects, st.tuples(st.integers(1, 3), st.integers(0, 3)))


@given(heads=heads, cursors=cursors, epoch=st.integers(1, 2))
def test_a_subject_is_behind_if_its_cursor_stands_before_its_head(
    heads: dict[str, int], cursors: dict[str, tuple[int, int]], epoch: int
) -> None:
    expected = {name for name, head in heads.items() if cursors.get(name, (0, 0)) < (epoch, head)}
    by_bytes = sorted(heads, key=str.encode), sorted(cursors, key=str.encode)
    found = subjects_behind(
        [Head(name, heads[name]) for name in by_bytes[0]],
        [Cursor(name, *cursors[name]) for name in by_bytes[1]],
        epoch,
    )
    assert list(found) == sorted(expected, key=str.encode)
