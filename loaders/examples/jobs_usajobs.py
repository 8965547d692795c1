#!/usr/bin/env python3
"""Converts the jobs_usajobs set of the shared data folder to Tandem's jobs.

Usage: jobs_usajobs.py jobs_usajobs.ndjson.zst > jobs.ndjson
"""
import convert


def job(row, out):
    title, text = (row.get('title') or '').strip(), (row.get('text') or '').strip()
    if not title and not text:
        out.skip('without title and text')
        return
    # "Friday, September 19, 2025 to Friday, October 3, 2025"
    opened, _, closed = (row.get('open_period') or '').partition(' to ')
    out.write({
        'id': f"usajobs:{row['id']}",
        'language': 'en',
        'title': title,
        'company': (row.get('agency') or '').strip(),
        'description': text,
        'location': {'country': 'US'},
        'industry': 'Public sector',
        'source': 'usajobs',
        'posted_at': convert.day(opened),
        'expires_at': convert.day(closed),
    })


if __name__ == '__main__':
    convert.run(job)
