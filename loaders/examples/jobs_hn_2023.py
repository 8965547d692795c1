#!/usr/bin/env python3
"""Converts the jobs_hn_2023_structured set of the shared data folder to Tandem's jobs, one for each role of an ad.

Usage: jobs_hn_2023.py jobs_hn_2023_structured.ndjson.zst > jobs.ndjson
"""
import re

import convert


def remote(policy):
    policy = (policy or '').lower()
    return 'hybrid' if 'hybrid' in policy else 'remote' if 'remote' in policy else 'onsite' if 'site' in policy else None


def pay(role):
    amount, currency = role.get('salary'), (role.get('currency') or '').strip().upper()
    currency = convert.SIGNS.get(currency, currency)
    if not isinstance(amount, (int, float)) or not re.fullmatch('[A-Z]{3}', currency):
        return None
    period = convert.period_of('', amount, currency)
    return convert.checked(float(amount), None, currency, period) if period else None


def job(row, out):
    found = row.get('structured') or {}
    text = (row.get('text') or '').strip()
    if not text:
        out.skip('without text')
        return
    cities = [str(name) for name in found.get('locations') or [] if name]
    words = [re.sub(r'\s+', ' ', str(name)).strip() for name in found.get('technologies') or []]
    first_line = text.split('\n', 1)[0]
    for place, role in enumerate(found.get('roles') or [{}], 1):
        contract = re.sub(r'\b(full|part) time', r'\1-time', (role.get('employment type') or '').strip().lower())
        out.write({
            'id': f"hn:{row['id']}" + (f'-{place}' if place > 1 else ''),
            'title': role.get('job_title') or (first_line[:160] if place == 1 else None),
            'company': found.get('name'),
            'description': text,
            'location': dict(convert.place(cities[0]), text=', '.join(cities)) if cities else None,
            'remote': remote(found.get('remote work policy')),
            'skills': list(dict.fromkeys(word for word in words if 0 < len(word) <= 80)),
            'pay': pay(role),
            'industry': found.get('sector'),
            'contract': contract or None,
            'source': 'hn_2023',
            'posted_at': convert.day(row.get('month')),
            'url': f"https://news.ycombinator.com/item?id={row['id']}",
        })


if __name__ == '__main__':
    convert.run(job)
