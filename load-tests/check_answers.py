#!/usr/bin/env python3
"""Re-sums and re-sorts answers, knowing nothing but their JSON.

Usage: check_answers.py [--any-order] < answers.ndjson

Each line is the body of one search, match or rank. The points of a hit's contributions must sum to its score, each between its
`min` and `max`, the score between `low` and `high`; hits must stand in the order (score falling, id rising), ids compared by code point. Where `exact_until` says that hits
behind it come from behind the retrieval pool, the order holds in both parts. `--any-order` is for answers with a
`sort` of their own. Prints counts; exits 1 on a mismatch, 2 on a line that is no answer.
"""
import json
import sys


def hit_faults(hit):
    points = [part['points'] for part in hit['contributions']]
    faults = []
    if sum(points) != hit['score']:
        faults.append(f"{hit['id']!r}: points sum to {sum(points)}, the score is {hit['score']}")
    if not all(type(value) is int for value in [*points, hit['score']]) or not 0 <= hit['score'] <= 1_000_000:
        faults.append(f"{hit['id']!r}: points are whole numbers, the score is one from 0 to 1000000")
    for part in hit['contributions']:
        if not part.get('min', 0) <= part['points'] <= part.get('max', part['points']):
            faults.append(f"{hit['id']!r}: {part['name']} has more or fewer points than it can")
        if part.get('unknown') and part['points']:
            faults.append(f"{hit['id']!r}: {part['name']} is unknown and has points")
    if not hit.get('low', 0) <= hit['score'] <= hit.get('high', 1_000_000):
        faults.append(f"{hit['id']!r}: the score is not between low and high")
    return faults


def order_faults(answer):
    hits, until = answer['hits'], answer.get('exact_until')
    until = len(hits) if until is None else until
    faults = []
    for part in (hits[:until], hits[until:]):
        if part != sorted(part, key=lambda hit: (-hit['score'], hit['id'])):
            faults.append('hits are not in the order of (score falling, id rising)')
    ids = [(hit.get('kind'), hit['id']) for hit in hits]
    if len(ids) != len(set(ids)):
        faults.append('a document is a hit twice')
    return faults


def main():
    any_order = sys.argv[1:] == ['--any-order']
    if sys.argv[1:] and not any_order:
        sys.exit(__doc__)
    answers = hits = wrong = 0
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            answer = json.loads(line)
            faults = [fault for hit in answer['hits'] for fault in hit_faults(hit)]
            faults += [] if any_order else order_faults(answer)
        except (ValueError, KeyError, TypeError) as error:
            print(f'line {number}: no answer: {error!r}', file=sys.stderr)
            sys.exit(2)
        answers, hits, wrong = answers + 1, hits + len(answer['hits']), wrong + bool(faults)
        for fault in faults:
            print(f'line {number}: {fault}', file=sys.stderr)
    print(f'{answers} answers, {hits} hits, {wrong} answers with a mismatch')
    sys.exit(1 if wrong or not answers else 0)


if __name__ == '__main__':
    main()
