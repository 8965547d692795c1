#!/usr/bin/env python3
"""Converts the resumes_livecareer set of the shared data folder to Tandem's candidates.

Usage: resumes_livecareer.py resumes_livecareer.ndjson.zst > candidates.ndjson
"""
import convert


def candidate(row, out):
    text = (row.get('text') or '').strip()
    if not text:
        out.skip('without text')
        return
    headline = (row.get('headline') or '').strip()
    out.write({
        'id': f"{row['source']}:{row['id']}",
        # Headlines in capitals are a habit of the forms they came from.
        'headline': headline.title() if headline.isupper() else headline,
        'text': text,
        'category': (row.get('category') or '').replace('-', ' ').strip().capitalize(),
        'source': row['source'],
    })


if __name__ == '__main__':
    convert.run(candidate)
