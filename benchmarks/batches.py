"""Batches: linking beside links that are followed for ever, and named groups beside k-means, in one run.

Run: python -m benchmarks.batches
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from sklearn.cluster import KMeans

from features.register import load_register
from models.batches import LinkFacts, Seen, group, link, signature
from models.batches.clusters import clusters
from models.batches.questions import WEIGHTS, Question, questions
from models.batches.signature import Signature
from tests.builders_batches import SHIPPED, facts, seen

FORM = "请求强制执行借款本金及利息、罚息、复利，并由被执行人承担申请执行费用，按合同约定的利率计算至实际清偿之日止，"
SIZES = (5_000, 20_000)
CHAINED = 10**9
"""A limit on chains that is none."""


def main() -> None:
    """Time both sizes, and print how large groups get and what they explain."""
    print("made-up cases (模拟 / simulated); wall seconds")
    for n in SIZES:
        cases, batch = linked_cases(n), mixed_batch(n)
        start = time.perf_counter()
        texts = [signature(f"{FORM}被执行人张{i}，金额 {i} 元") for i in range(n)]
        signed = time.perf_counter() - start
        print(f"\n{n:,} cases: signatures of texts {signed:.1f} s")
        for name, most in (("ours", SHIPPED.chain_cases), ("followed for ever", CHAINED)):
            _linking(cases, name, most=most, texts=texts)
        start = time.perf_counter()
        groups = group(batch, load_register(), SHIPPED, seed=1)
        print(f"grouping {time.perf_counter() - start:.2f} s, {len(groups)} groups")
        _explained(batch)


def linked_cases(n: int) -> LinkFacts:
    """Return cases of which a tenth name one of twenty guarantors beside their own debtor, and a fifth are serial."""
    rng = np.random.default_rng(1)
    debtors = [{f"d{rng.integers(0, n // 2)}"} | ({f"g{i % 20}"} if rng.random() < 0.1 else set()) for i in range(n)]
    serial = rng.random(n) < 0.2
    applicant = [f"bank{i % 30}" if one else f"a{i}" for i, one in enumerate(serial)]
    return facts(debtors, applicant=applicant, claim=rng.lognormal(10, 1, n))


def mixed_batch(n: int) -> Seen:
    """Return a batch that differs in amount, contact, service, judgment and debtor."""
    rng = np.random.default_rng(2)
    large = rng.random(n) < 0.4
    pick = lambda options: [options[i] for i in rng.integers(0, len(options), n)]  # noqa: E731
    return seen(
        n,
        claim_amount=np.round(rng.lognormal(np.where(large, 13, 9.5), 0.8), 2).tolist(),
        phone_provided=[bool(one) for one in rng.random(n) < np.where(large, 0.4, 0.9)],
        default_judgment=pick([True, False, None]),
        trial_outcome=pick(["judgment", "mediation"]),
        debtor_type=["company" if one else "person" for one in large & (rng.random(n) < 0.8)],
        collateral_type=pick(["none", None]),
    )


def _linking(cases: LinkFacts, name: str, *, most: float, texts: Sequence[Signature | None]) -> None:
    start = time.perf_counter()
    links = link(replace(cases, text=texts), replace(SHIPPED, chain_cases=most))
    sizes = Counter(one for one in links.debtor if one)
    batches = Counter(one for one in links.serial if one)
    print(
        f"linking, {name:18s}{time.perf_counter() - start:6.2f} s  debtor groups {len(sizes):6d}  largest "
        f"{max(sizes.values()):6d}  serial batches {len(batches):4d}"
    )


def _explained(batch: Seen) -> None:
    """Print the share of differences that eight groups explain: named ones, and k-means that have no names."""
    asked = questions(batch.columns, batch.lane, load_register())
    n = len(batch.ids)
    topics = Counter(one.about for one in asked)
    scale = np.sqrt([WEIGHTS.get(one.about, 1.0) / topics[one.about] for one in asked])
    answers = np.array([one.yes for one in asked], dtype=np.float64).T * scale
    ours = np.zeros(n, dtype=np.int64)
    for number, one in enumerate(clusters(asked, n, most=8)):
        ours[one.rows] = number
    start = time.perf_counter()
    means = KMeans(n_clusters=8, n_init=10, random_state=1).fit_predict(answers)
    spent = time.perf_counter() - start
    print(f"explained: named groups {_share(answers, ours):.3f}, k-means {_share(answers, means):.3f} ({spent:.1f} s)")
    print(f"cases of which the group's commonest answers are all true: named 1.000, k-means {_true(asked, means):.3f}")


def _share(answers: np.ndarray, place: np.ndarray) -> float:
    inside = sum(answers[place == one].var(axis=0).sum() * (place == one).sum() for one in np.unique(place))
    return float(1.0 - inside / (answers.var(axis=0).sum() * len(answers)))


def _true(asked: tuple[Question, ...], place: np.ndarray) -> float:
    """Return for how many cases a name made of the three most telling answers of their k-means group is true."""
    yes = np.array([one.yes for one in asked]).T
    right = np.zeros(len(place), dtype=bool)
    for one in np.unique(place):
        rows = np.flatnonzero(place == one)
        share = yes[rows].mean(axis=0)
        telling = np.argsort(-np.abs(share - yes.mean(axis=0)))[:3]
        right[rows] = (yes[rows][:, telling] == (share[telling] >= 0.5)).all(axis=1)
    return float(right.mean())


if __name__ == "__main__":
    main()
