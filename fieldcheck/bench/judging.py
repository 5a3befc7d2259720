"""What one judgement costs: the rules of a whole visit, and the whole submission with its rows."""

from fieldcheck.bench import ground, raw
from fieldcheck.bench.ground import Ground
from fieldcheck.domain.findings import judge
from fieldcheck.domain.walk import missing


def measure(laid: Ground) -> dict[str, float]:
    """Give microseconds of one core for what the rules do with a visit of thirty answers."""
    told = ground.answers(laid)
    _, second = laid.sheets
    given = {sheet.digest: {q: v for digest, q, v in told if digest == sheet.digest} for sheet in laid.sheets}
    counts = {"ENT-04": 1, "ENT-05": 1}
    worst = max(second.examples, key=lambda example: len(example.expect))

    def one(what: object) -> float:
        return 1e6 / raw.rate(what, 0.7)  # type: ignore[arg-type]

    return {
        "judging a visit of two checklists": one(
            lambda: [judge(sheet, given[sheet.digest], counts, laid.facts) for sheet in laid.sheets]
        ),
        "listing what it lacks": one(
            lambda: [missing(sheet, given[sheet.digest], counts, laid.facts) for sheet in laid.sheets]
        ),
        "judging the worst example": one(lambda: judge(second, worst.answers, {}, laid.facts)),
    }
