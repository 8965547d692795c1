#!/usr/bin/env python3
"""Converts the jobs_structured set of the shared data folder to Tandem's jobs.

Usage: jobs_structured.py jobs_structured.ndjson.zst > jobs.ndjson

A job without a title is kept without one; a job with neither title nor description is skipped. What a source
writes unclearly (a pay without currency, 03/04/2020) is left out rather than guessed.
"""
import ast
import re

import convert

# The country of sources that name none, and the currency and period of their pay.
SOURCE_COUNTRY = {'francetravail': 'FR', 'platsbanken_se': 'SE', 'student_jobs_nl': 'NL', 'student_jobs_en': 'NL', 'adzuna_uk_eval': 'GB',
                  'adzuna_uk_776': 'GB'}
SOURCE_PAY = {'recruityard': ('EUR', 'month'), 'francetravail': ('EUR', None)}
CONTRACTS = {'fulltime': 'full-time', 'parttime': 'part-time', 'contract': 'contract', 'temporary': 'temporary', 'intern': 'internship',
             'cdi': 'permanent', 'cdd': 'fixed-term', 'mis': 'temporary', 'lib': 'freelance', 'sai': 'seasonal', 'fra': 'freelance'}
DAY_FIRST = {'armenian_jobs': True, 'indeed_ethicaltech': False}
LANGUAGES = {'student_jobs_nl': 'nl', 'student_jobs_en': 'en', 'francetravail': 'fr', 'platsbanken_se': 'sv'}


def location(row, extra):
    source, text = row['source'], (row.get('location') or '').strip()
    if source == 'francetravail':
        # "92 - Boulogne-Billancourt": department and town; "67 - Rhin (Bas)" names the department alone.
        match = re.match(r'^\w{2,3} - ([^()]+)$', text)
        result = {'text': text, 'country': 'FR'}
        if match and extra.get('lat') is not None:
            city = re.sub(r' \d+e[rm]?e? Arrondissement$', '', match[1].strip(), flags=re.IGNORECASE)
            result['city'] = city.title() if city.isupper() else city
    elif source in ('student_jobs_nl', 'student_jobs_en', 'adzuna_uk_eval', 'adzuna_uk_776'):
        result = {'country': SOURCE_COUNTRY[source]}
    elif source == 'recruityard':
        # "Lisbon, PT", but "Portugal, PT" for work from anywhere in the country.
        city, _, code = text.rpartition(', ')
        result = {'text': text}
        if re.fullmatch('[A-Z]{2}', code):
            result['country'] = code
            if city.lower() not in convert.COUNTRIES:
                result['city'] = city
    else:
        country = (extra.get('country') or '').strip()
        code = convert.COUNTRIES.get(country.lower()) or (country if re.fullmatch('[A-Z]{2}', country) else None)
        result = convert.place(text, code or SOURCE_COUNTRY.get(source))
        found = {'city': (extra.get('city') or '').strip(), 'region': (extra.get('region') or '').strip(), 'country': code}
        # "San Francisco, Seattle" in one field is two places; the text says so too.
        result.update({name: value for name, value in found.items() if value and ',' not in value})
        if result.get('country') == 'US' and 'region' in result:
            result['region'] = convert.STATE_NAMES.get(result['region'].lower(), result['region'])
    if extra.get('lat') is not None and extra.get('lon') is not None:
        result.update(lat=float(extra['lat']), lon=float(extra['lon']))
    return result


def skills(extra):
    found = extra.get('skills')
    if isinstance(found, str) and found.startswith('['):
        found = ast.literal_eval(found)
    if isinstance(found, str):
        found = re.split(r'[,;|]', found)
    names = [name.strip() for name in found or [] if isinstance(name, str) and 0 < len(name.strip()) <= 120]
    return list(dict.fromkeys(names))


def remote(row, extra):
    if extra.get('remote') in (True, 'True', 'true'):
        return 'hybrid' if 'hybrid' in (row.get('location') or '').lower() else 'remote'
    return convert.remote(row.get('location'), row.get('title'))


def job(row, out):
    extra = row.get('extra') or {}
    title, description = (row.get('title') or '').strip(), (row.get('description') or '').strip()
    if not title and not description:
        out.skip('without title and description')
        return
    source, id = row['source'], str(row.get('id') or '')
    if not id:
        out.skip('without id')
        return
    if source == 'analytics_eng_2026':
        title = title.replace('-', ' ')
    company = (row.get('company') or '').strip()
    currency, period = SOURCE_PAY.get(source, (None, None))
    first = lambda *names: next((extra[name].strip() for name in names if isinstance(extra.get(name), str) and extra[name].strip() not in ('', '-1')), None)
    contract = first('contract', 'employmentType')
    out.write({
        'id': f'{source}:{id}',
        'language': LANGUAGES.get(source),
        'title': title,
        'company': None if company.upper() in ('NA', 'N/A', '-1', 'NONE') else company,
        'description': description,
        'location': location(row, extra),
        'remote': remote(row, extra),
        'skills': skills(extra),
        'pay': convert.pay(row.get('salary'), currency, period),
        'industry': first('Industry', 'industry'),
        'category': first('category', 'department', 'occupation'),
        'contract': CONTRACTS.get(contract.lower(), contract) if contract else None,
        'source': source,
        'posted_at': convert.day(row.get('date'), DAY_FIRST.get(source)),
        'url': id if id.startswith('https://') else None,
    })


if __name__ == '__main__':
    convert.run(job)
