import numpy as np
import pytest

from evaluators.models.embedder import TfIdf, embedder

TEXTS = ["How do I return an item?", "Return window of an item", "Delivery to Norway", ""]


def test_without_a_model_words_are_compared_and_the_name_says_so(tmp_path):
    found = embedder(tmp_path, corpus=TEXTS)
    assert "TF-IDF" in found.name
    assert "paraphrases are not seen" in found.name
    assert not found.meaning


def test_vectors_have_length_one_and_their_product_is_the_cosine():
    vectors = TfIdf(TEXTS)(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape[0] == 4
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1, 0], abs=1e-6)
    likeness = vectors @ vectors.T
    assert likeness[0, 1] > 0.2 > likeness[0, 2]


def test_texts_of_a_second_call_stand_in_the_same_space():
    found = TfIdf(TEXTS)
    assert found(["delivery to norway"])[0] @ found(TEXTS)[2] == pytest.approx(1.0)


@pytest.mark.parametrize("corpus", [[], ["..."]])
def test_a_corpus_without_words_gives_zeros(corpus):
    assert TfIdf(corpus)(["a", "b"]).tolist() == [[0.0], [0.0]]


def test_no_texts_give_no_vectors():
    assert TfIdf(TEXTS)([]).shape[0] == 0


def test_the_real_model_sees_a_paraphrase(real_minilm):
    found = embedder(real_minilm, corpus=[])
    vectors = found(["How do I send a product back?", "How can I return an item?", "The weather is nice."])
    assert found.meaning
    assert vectors.shape == (3, 384)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    assert vectors[0] @ vectors[1] > 0.6 > 0.3 > vectors[0] @ vectors[2]
    assert np.allclose(found(["How do I send a product back?"])[0], vectors[0], atol=1e-5)
