"""The parts that make texts fast: tables of numbers, pairs of labels, and texts taken back."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.data.texts.alphabet import Alphabet, folded
from core.data.texts.batch import Batch, maker_of
from core.data.texts.draw import _matched
from core.data.texts.guards import RUN, Guards, rolled
from core.data.texts.index import Index, Sieve
from core.data.texts.labels import Labelled, Tilt, begun, longest_start
from core.data.texts.levels import next_codes
from core.data.texts.model import learn_model
from tests.data.texts.test_texts import products

NUMBERS = st.integers(0, 2**64 - 1) | st.integers(0, 40)


@given(st.sets(NUMBERS), st.lists(NUMBERS))
@settings(max_examples=60, deadline=None)
def test_numbers_are_found_where_they_are(known: set[int], asked: list[int]) -> None:
    keys = np.array(sorted(known), dtype=np.uint64)
    wanted = np.array([*asked, *known], dtype=np.uint64)
    places, found = Index.of(keys).find(wanted)
    assert found.tolist() == [int(number) in known for number in wanted]
    assert (keys[places[found]] == wanted[found]).all()


@given(st.sets(st.integers(0, 2**32 - 1), min_size=1), st.lists(st.integers(0, 2**32 - 1)))
@settings(max_examples=10, deadline=None)
def test_a_sieve_lets_nothing_through(known: set[int], asked: list[int]) -> None:
    near = [number ^ 1 for number in known]
    wanted = np.array([*asked, *near, *known], dtype=np.uint32)
    sieve = Sieve.of(np.array(sorted(known), dtype=np.uint32))
    assert sieve.have(wanted).tolist() == [int(number) in known for number in wanted]


def test_an_empty_sieve_has_nothing() -> None:
    none = np.zeros(0, dtype=np.uint32)
    assert not Sieve.of(none).have(np.arange(5, dtype=np.uint32)).any()


@given(st.lists(st.integers(0, 3)), st.lists(st.integers(0, 3)))
@settings(max_examples=60, deadline=None)
def test_each_row_gets_a_text_of_its_label_once(wanted: list[int], there: list[int]) -> None:
    one, other = (np.array(labels, dtype=np.uint64) for labels in (wanted, there))
    rows, taken = _matched(one, other)
    assert (one[rows] == other[taken]).all()
    assert len(set(rows)) == len(rows)
    assert len(set(taken)) == len(taken)
    assert len(rows) == sum(min(wanted.count(n), there.count(n)) for n in range(4))


@pytest.fixture(scope="module")
def batch() -> Batch:
    texts = [text.replace(" ", "  ") if n % 3 else " " + text
             for n, text in enumerate(dict.fromkeys(products(900, 4)))]  # fmt: skip
    alphabet = Alphabet.of("".join(sorted(set("".join(texts)))))
    maker = maker_of(learn_model(texts, alphabet), Guards.learn(texts, texts))
    made = Batch(maker, np.zeros(200, dtype=np.uint64), maker.model.longest)
    made.run(np.random.default_rng(1))
    return made


def test_texts_that_were_taken_back_are_known_as_if_written_at_once(batch) -> None:
    maker, alphabet = batch.maker, batch.maker.model.alphabet
    assert (batch.rewinds[batch.is_over] > 0).any()
    for row in np.flatnonzero(batch.is_over):
        codes = batch.codes[row, : batch.lengths[row]]
        (text,) = alphabet.decode(codes[None, :], np.array([len(codes)]))
        plain = maker.numbers[alphabet.encode(text)]
        spaces = maker.is_space[codes]
        counts = ~spaces
        counts[1:] |= spaces[1:] & ~spaces[:-1]
        assert batch.plain_lengths[row] == counts.sum() == len(folded(text))
        total = np.zeros(1, dtype=np.uint64)
        for number in plain[counts][-RUN - 1 :]:
            total = rolled(total, number[None])
        assert batch.runs[row] == total[0]
        last = [0] * 7 + codes.tolist()
        assert batch.contexts[row] == sum(c << 8 * n for n, c in enumerate(reversed(last[-7:])))


def test_weights_by_hand() -> None:
    """Of words in "a", label 1 has "ab" in ten of ten texts, the column in half of twenty."""
    texts = [f"x ab{n}" for n in range(10)] + [f"x ac{n}" for n in range(10)]
    alphabet = Alphabet.of("xabc 0123456789")
    labels = np.array([1] * 10 + [2] * 10, dtype=np.uint64)
    labelled = Labelled.learn(texts, labels, alphabet)
    contexts = np.array([2], dtype=np.uint64)
    tilt = Tilt.at(labelled, labels[:1], contexts, np.array([1]), 8)
    in_label, in_column = (10 - 0.75) / 10, (20 - 1.5) / 20 * (10 - 0.75) / (20 - 1.5)
    rest = 1 - in_label
    found = tilt.weights(np.zeros(2, dtype=np.intp), np.array([3, 4], dtype=np.uint64))
    np.testing.assert_allclose(found, [in_label / in_column + rest, rest**2], rtol=1e-5)
    nothing = Tilt.at(labelled, np.array([9], np.uint64), contexts, np.array([1]), 8)
    assert nothing.weights(np.zeros(1, dtype=np.intp), np.array([4], dtype=np.uint64)) == 1


def test_a_label_decides_where_words_begin_alike() -> None:
    texts = [f"x ab{n}" for n in range(10)] + [f"x ac{n}" for n in range(10)]
    alphabet = Alphabet.of("xabc 0123456789")
    model = learn_model(texts, alphabet)
    labels = np.array([1] * 10 + [2] * 10, dtype=np.uint64)
    labelled = Labelled.learn(texts, labels, alphabet)
    contexts = np.full(400, (1 << 16) | (5 << 8) | 2, dtype=np.uint64)
    tilt = Tilt.at(labelled, np.full(400, 1, np.uint64), contexts, np.ones(400, np.int64), 8)
    codes = next_codes(model, contexts, np.random.default_rng(1), model.longest, tilt)
    plain = next_codes(model, contexts, np.random.default_rng(1), model.longest)
    assert np.mean(codes == 3) > 0.9
    assert 0.35 < np.mean(plain == 3) < 0.65


def test_the_beginning_of_a_word_is_what_is_under_way() -> None:
    contexts = np.full(3, 0x11223344556677, dtype=np.uint64)
    found = begun(contexts, np.array([0, 2, longest_start(8)]), 8)
    assert [hex(int(key)) for key in found] == ["0x0", "0x6677", "0x223344556677"]
