"""What the conversion scripts share: reading, pay, dates, places, output.

Only the standard library and, for .zst files, the `zstd` command. Converters never print a document's
text to stderr, only counts.
"""
import collections
import hashlib
import json
import re
import subprocess
import sys
from datetime import date

ID_BYTES_MAX = 512


def rows(path):
    """The objects of an NDJSON file, plain or .zst."""
    if not path.endswith('.zst'):
        with open(path, 'rb') as file:
            yield from map(json.loads, file)
        return
    process = subprocess.Popen(['zstd', '-dcq', path], stdout=subprocess.PIPE)
    yield from map(json.loads, process.stdout)
    if process.wait() != 0:
        sys.exit(f'zstd failed on {path}')


class Out:
    """Writes documents to stdout, with ids made unique, and counts what became of them."""

    def __init__(self):
        self.read = 0
        self.written = 0
        self.skipped = collections.Counter()
        self.fields = collections.Counter()
        self.ids = collections.Counter()

    def skip(self, reason):
        self.skipped[reason] += 1

    def write(self, document):
        """Writes the document without its empty fields."""
        document = {name: value for name, value in document.items() if value not in (None, '', [], {})}
        document['id'] = self.unique(document['id'])
        for name in document:
            self.fields[name] += 1
        self.written += 1
        sys.stdout.write(json.dumps(document, ensure_ascii=False) + '\n')

    def unique(self, id):
        """At most 512 bytes, without control characters, never given out before: `#2` marks a second one."""
        id = re.sub(r'[\x00-\x1f\x7f]', ' ', id).strip()
        if len(id.encode()) > 120:
            # URLs: the end of the path tells most, the hash keeps them apart.
            digest = hashlib.sha256(id.encode()).hexdigest()[:16]
            id = f'{id.split(":", 1)[0]}:{digest}'
        self.ids[id] += 1
        count = self.ids[id]
        return id if count == 1 else f'{id}#{count}'

    def close(self):
        """One line of counts on stderr, then how many documents have each field."""
        skipped = ', '.join(f'{count} {reason}' for reason, count in sorted(self.skipped.items())) or 'none'
        print(f'in {self.read}, out {self.written}, skipped: {skipped}', file=sys.stderr)
        fields = ', '.join(f'{name} {count:d}' for name, count in self.fields.most_common())
        print(f'fields: {fields}', file=sys.stderr)


def run(convert):
    """Feeds each row of the files named on the command line to `convert(row, out)`."""
    if len(sys.argv) < 2:
        sys.exit(f'usage: {sys.argv[0]} FILE.ndjson[.zst] ... > OUT.ndjson')
    out = Out()
    for path in sys.argv[1:]:
        for row in rows(path):
            out.read += 1
            convert(row, out)
    out.close()


SIGNS = {'$': 'USD', '£': 'GBP', '€': 'EUR', '₹': 'INR', 'US$': 'USD', 'CA$': 'CAD', 'A$': 'AUD', 'C$': 'CAD', '¥': 'JPY'}
CODES = 'USD|GBP|EUR|CAD|AUD|CHF|SEK|NOK|DKK|PLN|INR|SGD|JPY|BRL|MXN|NZD|ILS|AED|HKD|CZK|HUF|RON'
AMOUNT = r'(\d{1,3}(?:[,. ]\d{3})+|\d+(?:[.,]\d{1,2})?)\s*([kKmM]\b)?'
# "$53K-$91K", "$60,000 - $70,000", "€50K – €70K", "USD 50,000 to 60,000", "1040 - 1346"
RANGE = re.compile(rf'(?P<sign>US\$|CA\$|A\$|C\$|[$£€₹¥]|(?:{CODES})\s?)?\s*{AMOUNT}(?:\s*(?:-|–|—|to|à|and)\s*(?:US\$|CA\$|A\$|C\$|[$£€₹¥]|(?:{CODES})\s?)?\s*{AMOUNT})?\s*(?P<code>{CODES})?')
FRENCH = re.compile(r'(Annuel|Mensuel|Horaire) de ([\d.,]+) Euros(?: à ([\d.,]+) Euros)?(?: sur ([\d.,]+) mois)?')
PERIODS = [('hour', r'\bhour|/\s?h(?:ou)?r\b|hourly|per hr|/h\b'), ('day', r'\bper day|\ba day|/day|daily'), ('week', r'per week|a week|/week|weekly'),
           ('month', r'month'), ('year', r'year|annual|annum|yr\b|p\.a\.')]
# What a period's pay can be in currencies near the dollar; outside it is a misreading.
PLAUSIBLE = {'hour': (5, 500), 'day': (40, 5_000), 'week': (150, 15_000), 'month': (400, 25_000), 'year': (5_000, 2_000_000)}
SCALES = {'INR': 80, 'JPY': 150, 'SEK': 10, 'NOK': 10, 'DKK': 7, 'HUF': 350, 'CZK': 23, 'MXN': 18, 'PLN': 4, 'ILS': 4, 'BRL': 5, 'AED': 4, 'HKD': 8, 'RON': 5}


def number(text, unit=None):
    text = text.replace(' ', '')
    if re.fullmatch(r'\d{1,3}(?:[,.]\d{3})+', text):
        text = re.sub(r'[,.]', '', text)
    return float(text.replace(',', '.')) * {'k': 1_000, 'm': 1_000_000}.get((unit or '').lower(), 1)


def period_of(text, amount, currency):
    """The period the text names, else the one the amount leaves no doubt about."""
    for period, pattern in PERIODS:
        if re.search(pattern, text, re.IGNORECASE):
            return period
    # Nobody earns this in a month; a smaller number may be an hour's, a day's or a month's.
    return 'year' if amount >= 26_000 * SCALES.get(currency, 1) else None


def pay(text, currency=None, period=None):
    """{min, max, currency, period} where the text is clear; None otherwise. `currency`, `period`: when it names none."""
    text = (text or '').strip()
    if not re.search(r'\d', text):
        return None
    match = FRENCH.search(text)
    if match:
        low, high = number(match[2]), number(match[3]) if match[3] else None
        return checked(low, high, 'EUR', {'Annuel': 'year', 'Mensuel': 'month', 'Horaire': 'hour'}[match[1]])
    for match in RANGE.finditer(text):
        sign = (match['sign'] or '').strip()
        found = match['code'] or SIGNS.get(sign, sign) or currency
        if not found or text[match.end():].lstrip().startswith('%'):
            continue
        low_unit, high_unit = match[3], match[5]
        high = number(match[4], high_unit) if match[4] else None
        # "80-100k": the k is meant for both.
        low = number(match[2], low_unit or (high_unit if high and number(match[2]) < 1_000 else None))
        each = period or period_of(text, high or low, found)
        result = each and checked(low, high, found, each)
        if result:
            return result
    return None


def checked(low, high, currency, period):
    least, most = PLAUSIBLE[period]
    scale = SCALES.get(currency, 1)
    amounts = [amount for amount in (low, high) if amount is not None]
    if not all(least * scale <= amount <= most * scale for amount in amounts):
        return None
    if high is not None and low > high:
        return None
    result = {'min': low, 'currency': currency, 'period': period}
    if high is not None:
        result['max'] = high
    return result


MONTHS = {name: place for place, name in enumerate('jan feb mar apr may jun jul aug sep oct nov dec'.split(), 1)}


def day(text, day_first=None):
    """An RFC 3339 date of a text in one of the usual forms, or None. A month alone is its first day, a year alone is not a date.

    `day_first`: how the source writes 03/04/2020; without it such a date is None.
    """
    text = (text or '').strip()
    for pattern, order in ((r'(\d{4})-(\d{2})-(\d{2})', 'ymd'), (r'(\d{4})-(\d{2})$', 'ym'), (r'(\d{1,2})/(\d{1,2})/(\d{4})$', 'slashes')):
        match = re.match(pattern, text)
        if match:
            parts = [int(part) for part in match.groups()]
            return made(parts, order, day_first)
    match = re.search(r'([A-Z][a-z]{2})[a-z]* (\d{1,2}), (\d{4})', text)
    if match and match[1].lower() in MONTHS:
        return made([int(match[3]), MONTHS[match[1].lower()], int(match[2])], 'ymd')
    return None


def made(parts, order, day_first=None):
    if order == 'ym':
        parts = [*parts, 1]
    if order == 'slashes':
        first, second, year = parts
        # Day or month first is told by the number that can only be a day; where both can be either, there is no date.
        if first > 12 >= second or first == second or (day_first and second <= 12):
            parts = [year, second, first]
        elif second > 12 >= first or (day_first is False and first <= 12):
            parts = [year, first, second]
        else:
            return None
    try:
        made_day = date(*parts)
    except ValueError:
        return None
    return made_day.isoformat() if 1990 <= made_day.year <= 2035 else None


STATES = set('AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX '
             'UT VT VA WA WV WI WY DC PR'.split())
STATE_NAMES = {
    'alabama': 'AL', 'alaska': 'AK', 'arizona': 'AZ', 'arkansas': 'AR', 'california': 'CA', 'colorado': 'CO', 'connecticut': 'CT', 'delaware': 'DE',
    'florida': 'FL', 'hawaii': 'HI', 'idaho': 'ID', 'illinois': 'IL', 'indiana': 'IN', 'iowa': 'IA', 'kansas': 'KS', 'kentucky': 'KY',
    'louisiana': 'LA', 'maine': 'ME', 'maryland': 'MD', 'massachusetts': 'MA', 'michigan': 'MI', 'minnesota': 'MN', 'mississippi': 'MS', 'missouri': 'MO',
    'montana': 'MT', 'nebraska': 'NE', 'nevada': 'NV', 'new hampshire': 'NH', 'new jersey': 'NJ', 'new mexico': 'NM', 'new york': 'NY',
    'north carolina': 'NC', 'north dakota': 'ND', 'ohio': 'OH', 'oklahoma': 'OK', 'oregon': 'OR', 'pennsylvania': 'PA', 'rhode island': 'RI',
    'south carolina': 'SC', 'south dakota': 'SD', 'tennessee': 'TN', 'texas': 'TX', 'utah': 'UT', 'vermont': 'VT', 'virginia': 'VA', 'washington': 'WA',
    'west virginia': 'WV', 'wisconsin': 'WI', 'wyoming': 'WY', 'district of columbia': 'DC'}
COUNTRIES = {
    'united states': 'US', 'united states of america': 'US', 'usa': 'US', 'us': 'US', 'u.s.': 'US', 'united kingdom': 'GB', 'uk': 'GB', 'england': 'GB',
    'scotland': 'GB', 'gb': 'GB', 'great britain': 'GB', 'germany': 'DE', 'deutschland': 'DE', 'france': 'FR', 'netherlands': 'NL', 'the netherlands': 'NL',
    'nl': 'NL', 'canada': 'CA', 'india': 'IN', 'ireland': 'IE', 'switzerland': 'CH', 'austria': 'AT', 'sweden': 'SE', 'spain': 'ES', 'australia': 'AU',
    'poland': 'PL', 'italy': 'IT', 'portugal': 'PT', 'belgium': 'BE', 'singapore': 'SG', 'israel': 'IL', 'japan': 'JP', 'brazil': 'BR', 'mexico': 'MX',
    'armenia': 'AM', 'greece': 'GR', 'denmark': 'DK', 'norway': 'NO', 'finland': 'FI', 'romania': 'RO', 'czech republic': 'CZ', 'czechia': 'CZ',
    'hungary': 'HU', 'bulgaria': 'BG', 'ukraine': 'UA', 'turkey': 'TR', 'türkiye': 'TR', 'united arab emirates': 'AE', 'uae': 'AE', 'china': 'CN',
    'hong kong': 'HK', 'taiwan': 'TW', 'south korea': 'KR', 'korea': 'KR', 'vietnam': 'VN', 'thailand': 'TH', 'malaysia': 'MY', 'indonesia': 'ID',
    'philippines': 'PH', 'new zealand': 'NZ', 'south africa': 'ZA', 'nigeria': 'NG', 'kenya': 'KE', 'egypt': 'EG', 'argentina': 'AR', 'chile': 'CL',
    'colombia': 'CO', 'costa rica': 'CR', 'peru': 'PE', 'uruguay': 'UY', 'estonia': 'EE', 'latvia': 'LV', 'lithuania': 'LT', 'serbia': 'RS',
    'croatia': 'HR', 'slovenia': 'SI', 'slovakia': 'SK', 'cyprus': 'CY', 'malta': 'MT', 'luxembourg': 'LU', 'iceland': 'IS', 'pakistan': 'PK',
    'bangladesh': 'BD', 'sri lanka': 'LK', 'georgia (country)': 'GE', 'saudi arabia': 'SA', 'qatar': 'QA', 'jordan': 'JO', 'morocco': 'MA'}
NOT_CITIES = re.compile(r'remote|anywhere|hybrid|multiple|various|global|worldwide|nationwide|office|headquarters|distributed|home|onsite|on-site|\bor\b|\band\b|[/;|&0-9]', re.IGNORECASE)


def place(text, country=None):
    """{text, city, region, country} as far as the text is clear. `country`: a code for when it names none."""
    text = re.sub(r'\s+', ' ', text or '').strip(' ,-')
    if not text:
        return {'country': country} if country else {}
    result = {'text': text}
    parts = [part.strip() for part in re.sub(r'\([^)]*\)', '', text).split(',') if part.strip()]
    last = parts[-1] if parts else ''
    if last.lower() in COUNTRIES and not (len(parts) > 1 and last in STATES):
        result['country'] = COUNTRIES[last.lower()]
        parts = parts[:-1]
    elif re.sub(r' \d{5}$', '', last) in STATES and len(parts) > 1:
        result['country'] = 'US'
    elif country:
        result['country'] = country
    if len(parts) > 1 and result.get('country') in (None, 'US'):
        last = re.sub(r' \d{5}$', '', parts[-1])
        code = last if last in STATES else STATE_NAMES.get(last.lower())
        if code:
            result.update(region=code, country='US')
            parts = parts[:-1]
    if parts and not NOT_CITIES.search(parts[0]) and (result.get('country') or len(parts) > 1):
        result['city'] = parts[0]
    return result


def remote(*texts):
    """remote, hybrid or onsite when one of the texts says so."""
    text = ' '.join(filter(None, texts)).lower()
    if 'hybrid' in text:
        return 'hybrid'
    if re.search(r'\bremote\b|work from home|\bwfh\b', text):
        return 'remote'
    return 'onsite' if re.search(r'\bon-?site\b|\bin-office\b', text) else None
