#!/usr/bin/env python3
"""Makes onet.tsv.zst and cities.tsv.zst, the compact data `tandem sample` draws from.

Usage: extract.py ONET_DIR GEONAMES_TSV US_STATES_JSON OUT_DIR

ONET_DIR holds the text tables of O*NET 29.2; GEONAMES_TSV is the GeoNames
cities15000 table with a header line. Only the standard library and the `zstd`
command are needed. Same input, same output bytes.

onet.tsv, one record a line, tab-separated, first column the kind of record:
  V base past gerund                     a verb and its forms
  O code zone title                      an occupation; what follows belongs to it
  T title                                a job title, best known first
  D task                                 a task; `^` stands before each verb that changes with tense
  M task                                 the same, but maybe not every verb of it was found
  S class name                           a technology skill; class d(emand), h(ot) or o(ther)
  R code,code,...                        related occupations, nearest first
cities.tsv: city, region, country, latitude, longitude, population in thousands
"""
import collections
import csv
import json
import math
import re
import subprocess
import sys
from pathlib import Path

TITLES_MAX, TASKS_MAX, SKILLS_MAX, TOOLS_ENOUGH, RELATED_MAX = 22, 11, 30, 14, 8

# Verbs whose past is not regular; the gerund is.
PAST = {
    'write': 'wrote', 'lead': 'led', 'teach': 'taught', 'set': 'set', 'keep': 'kept', 'make': 'made', 'meet': 'met',
    'take': 'took', 'drive': 'drove', 'lay': 'laid', 'draw': 'drew', 'sell': 'sold', 'cut': 'cut', 'read': 'read',
    'give': 'gave', 'hold': 'held', 'feed': 'fed', 'grind': 'ground', 'build': 'built', 'dig': 'dug', 'spread': 'spread',
    'buy': 'bought', 'seek': 'sought', 'sing': 'sang', 'bend': 'bent', 'melt': 'melted', 'wind': 'wound', 'hang': 'hung',
    'speak': 'spoke', 'send': 'sent', 'run': 'ran', 'stand': 'stood', 'shut': 'shut', 'choose': 'chose', 'break': 'broke',
    'withdraw': 'withdrew', 'put': 'put', 'hear': 'heard', 'tear': 'tore', 'overhaul': 'overhauled', 'tell': 'told',
    'rewrite': 'rewrote', 'freeze': 'froze', 'bring': 'brought', 'sweep': 'swept', 'light': 'lit', 'ride': 'rode',
    'strike': 'struck', 'wear': 'wore', 'cast': 'cast', 'stick': 'stuck', 'undergo': 'underwent', 'oversee': 'oversaw',
    'find': 'found', 'leave': 'left', 'rebuild': 'rebuilt', 'split': 'split', 'lend': 'lent', 'fly': 'flew', 'bind': 'bound',
    'let': 'let', 'blow': 'blew', 'foresee': 'foresaw', 'fight': 'fought', 'do': 'did', 'become': 'became', 'shake': 'shook',
    'forecast': 'forecast', 'broadcast': 'broadcast', 'pay': 'paid', 'reset': 'reset', 'understand': 'understood',
    'get': 'got', 'input': 'input', 'rewind': 'rewound', 'feel': 'felt', 'sew': 'sewed', 'shrink': 'shrank', 'go': 'went',
    'slide': 'slid', 'steam-clean': 'steam-cleaned', 'stay': 'stayed', 'rid': 'rid', 'wet': 'wetted', 'precast': 'precast',
    'crossbreed': 'crossbred', 'deal': 'dealt', 'countersink': 'countersunk', 'proofread': 'proofread', 'slit': 'slit',
    'string': 'strung', 'typeset': 'typeset', 'interweave': 'interwove', 'troubleshoot': 'troubleshot', 'disburse': 'disbursed',
}
DOUBLED = set('plan submit stop transfer refer control trim drill fit cut set run put dig confer occur compel ship clip strip '
              'wrap dip drop drum grip grab hem log map mop pad pin plot plug scan scrub shop skim snap spot step stir stun '
              'swab tag tap trap tip tug wet whip zip program equip dispel propel chip slit cap pat rub jab bag prep scrap '
              'spin split let get regret permit transmit admit defer infer input prefer label cancel chop hit embed run prepress '
              'begin format crop pot diagram flag patrol reformat rewrap skin thin typeset'.split()) - {'label', 'cancel', 'drill'}
NOT_VERBS = set('visually manually electronically surgically intravenously postoperatively remotely or and accurately '
                'hand time layout'.split())
# Words before which a verb of the list is read as a noun: "of water", "a report".
NOUN_AFTER = {'of', 'the', 'a', 'an', 'for', 'in', 'with', 'from', 'by', 'on', 'as'}
# What follows a verb rather than a noun.
OBJECT_NEXT = {'the', 'a', 'an', 'all', 'any', 'their', 'customers', 'information', 'questions', 'data', 'them', 'it'}
BASE_FORM_NEXT = {'to', 'may', 'can', 'will', 'must', 'that', 'which', 'when', 'who', 'such', 'including'}
# Verbs that start no task but stand in lists of verbs.
MORE_VERBS = set('format paste pit edge crop pot twist singe dice rank accept post'.split())


def past(verb):
    if verb in PAST:
        return PAST[verb]
    if verb.endswith('e'):
        return verb + 'd'
    if verb.endswith('y') and verb[-2] not in 'aeiou':
        return verb[:-1] + 'ied'
    return verb + (verb[-1] if verb in DOUBLED else '') + 'ed'


def gerund(verb):
    if verb.endswith('ie'):
        return verb[:-2] + 'ying'
    if verb.endswith('e') and not verb.endswith(('ee', 'ye', 'oe')):
        return verb[:-1] + 'ing'
    return verb + (verb[-1] if verb in DOUBLED else '') + 'ing'


def table(path):
    with open(path, encoding='utf-8', newline='') as file:
        return list(csv.DictReader(file, delimiter='\t', quoting=csv.QUOTE_NONE))


def mark_verbs(task, verbs, nounish):
    """(D, task) with `^` before each verb of the main clause, M when one may be missing; None without a plain verb first."""
    words = task.split(' ')
    out, marking, previous, sure = [], True, '', True
    for place, word in enumerate(words):
        bare = word.strip(',.;()').lower()
        following = words[place + 1].strip(',.').lower() if place + 1 < len(words) else ''
        # "to" before a noun ("tags to containers") changes nothing.
        if place > 0 and bare in BASE_FORM_NEXT and (bare != 'to' or following in verbs or following.endswith('ly')):
            marking = False
        joined = place > 0 and (previous.endswith(',') or previous in ('and', 'or'))
        plain = bare in verbs and (bare not in nounish or following in OBJECT_NEXT)
        # A list at the start ("Plan, direct, or coordinate ...") is all verbs, nouns or not.
        leading = bare in verbs and place > 0 and all(w.startswith('^') or w in ('and', 'or') for w in out)
        if place == 0:
            if bare not in verbs:
                return None
            word = '^' + word
        elif marking and joined and (plain or leading):
            word = '^' + word
        elif marking and joined and (bare in verbs or bare[2:] in verbs or bare.endswith('ly')):
            sure = False
        elif place == 1 and previous.endswith(','):
            sure = False
        out.append(word)
        previous = word.lstrip('^')
    return 'D' if sure else 'M', ' '.join(out)


def nouns_among(verbs, rows):
    """The verbs that are also nouns, seen by what stands before them in all tasks."""
    seen, starts = collections.Counter(), collections.Counter()
    for row in rows.values():
        for _, task in row['tasks']:
            words = [word.strip(',.').lower() for word in task.split()]
            starts[words[0]] += 1
            seen.update(word for before, word in zip(words, words[1:]) if word in verbs and before in NOUN_AFTER)
    return {verb for verb, count in seen.items() if count >= 2 and starts[verb] < 6 * count}


def tidy_task(task):
    task = task.strip().rstrip('.')
    task = re.sub(r'\s+', ' ', re.sub(r'\([^)]*\)', '', task)).replace(' ,', ',').strip()
    return task if 30 <= len(task) <= 150 and ';' not in task else None


def tidy_title(title):
    match = re.match(r'^(.*?)\s*\(([^)]*)\)$', title.strip())
    if match:
        short, long = match.groups()
        # "RN (Registered Nurse)": the long form reads better; "Chief Diversity Officer (CDO)": the part before.
        title = long if re.search(r'\b[A-Z]{2,}', short) and not re.fullmatch(r'[A-Z0-9/&. -]+', long) else short
    title = re.sub(r'(er|or|ist|ant|ian|man|ent)s$', r'\1', re.sub(r'\s+', ' ', title).strip())
    good = 3 < len(title) <= 38 and '(' not in title and ',' not in title and '/' not in title and '--' not in title and title != 'n/a'
    return title if good and title[0].isupper() else None


def last_words(title):
    return {re.sub(r's$', '', word.lower()) for word in title.split()[-1:]}


RENAMED = {
    'Amazon Web Services AWS software': 'AWS', 'Microsoft Azure software': 'Microsoft Azure', 'Oracle Java': 'Java',
    'Google Angular': 'Angular', 'RESTful API': 'REST APIs', 'Atlassian JIRA': 'Jira', 'Jenkins CI': 'Jenkins',
    'Google Cloud software': 'Google Cloud', 'Epic Systems': 'Epic', 'Salesforce software': 'Salesforce', 'SAP software': 'SAP',
    'Apache Subversion SVN': 'Subversion', 'Ajax': 'AJAX', 'Intuit QuickBooks': 'QuickBooks', 'MEDITECH software': 'MEDITECH',
    'Microsoft .NET Framework': '.NET', 'Amazon Elastic Compute Cloud EC2': 'Amazon EC2', 'Bentley MicroStation': 'MicroStation',
    'Microsoft SQL Server Reporting Services SSRS': 'SSRS', 'Amazon Simple Storage Service S3': 'Amazon S3',
    'The MathWorks MATLAB': 'MATLAB', 'IBM SPSS Statistics': 'SPSS', 'Google Workspace software': 'Google Workspace',
    'Autodesk AutoCAD Civil 3D': 'Civil 3D', 'Dassault Systemes SolidWorks': 'SolidWorks', 'Trimble SketchUp Pro': 'SketchUp',
    'eClinicalWorks EHR software': 'eClinicalWorks', 'Microsoft Dynamics': 'Microsoft Dynamics', 'SAS': 'SAS', 'R': 'R',
    'Dassault Systemes CATIA': 'CATIA', 'ESRI ArcGIS software': 'ArcGIS', 'Oracle PeopleSoft': 'PeopleSoft', 'Facebook': None,
    'Oracle Primavera Enterprise Project Portfolio Management': 'Primavera P6', 'Transact-SQL': 'T-SQL', 'YouTube': None,
    'Workday software': 'Workday', 'Marketo Marketing Automation': 'Marketo', 'NetSuite ERP': 'NetSuite', 'LinkedIn': None,
    'Autodesk AutoCAD': 'AutoCAD', 'Autodesk Revit': 'Revit', 'Atlassian Confluence': 'Confluence', 'Microsoft Windows': None,
    'Google Android': 'Android', 'Apple macOS': 'macOS', 'Microsoft Office software': 'Microsoft Office', 'Apple iOS': 'iOS',
    'Minitab': 'Minitab', 'Adobe Creative Cloud software': 'Adobe Creative Cloud', 'Blackboard software': 'Blackboard',
    'Operating system software': None, 'Object-oriented programming language': None, 'Twitter': None, 'Zoom': 'Zoom',
    'Oracle software': 'Oracle Database', 'MySQL software': 'MySQL', 'Microsoft operating system': None, 'Instagram': None,
    'UNIX Shell': 'Shell scripting', 'Bash': 'Bash', 'Ubuntu': 'Ubuntu', 'Adobe Systems Adobe Photoshop': 'Adobe Photoshop',
    'Enterprise resource planning ERP software': 'ERP systems', 'Customer relationship management CRM software': 'CRM systems',
    'Electronic health record EHR software': 'Electronic health records', 'Point of sale POS software': 'POS systems',
    'Geographic information system GIS software': 'GIS', 'Computer numerical control CNC software': 'CNC programming',
    'Computer-aided manufacturing CAM software': 'CAM', 'Computer aided design CAD software': 'CAD',
    'Computer-aided design CAD software': 'CAD', 'Computerized maintenance management system CMMS': 'CMMS',
    'Business intelligence software': 'Business intelligence', 'Email software': None, 'Web browser software': None,
    'Structured query language SQL': 'SQL', 'SmugMug Flickr': None, 'Chef': None, 'Puppet': 'Puppet', 'WeChat': None,
    'Swift': 'Swift', 'Go': 'Go', 'Eko': None, 'Evernote': None, 'FaceTime': None, 'GroupMe': None, 'Blink': None, 'Computer aided manufacturing CAM': 'CAM',
    'Electronic medical record EMR software': 'Electronic medical records', 'Extensible markup language XML': 'XML', 'JavaScript Object Notation JSON': 'JSON',
}


AFTERWARDS = {'Computer aided manufacturing CAM': 'CAM', 'Electronic medical record EMR': 'Electronic medical records', 'ERP': 'ERP systems',
              'StataCorp Stata': 'Stata', 'Wolfram Research Mathematica': 'Mathematica', 'Kronos Workforce Timekeeper': 'Kronos',
              'Thomson Reuters Westlaw': 'Westlaw', 'Shell script': 'Shell scripting', 'CNC Mastercam': 'Mastercam',
              'Teradata Database': 'Teradata', 'PointClickCare healthcare': 'PointClickCare'}
OUTDATED = re.compile(r'Lotus|WordPerfect|Internet Explorer|DOC Cop|iParadigms|FreeHand|FileMaker|IBM Notes|Publisher|Netscape|Palm'
                      r'|^Business software|FrontPage|Visual Basic|Flash|Dreamweaver|^Desire2|Sakai|Global positioning')
MAKERS = re.compile(r'^(ESRI|PTC|GE Healthcare|Dassault Systemes|Maplesoft|National Instruments|Autodesk|Henry Schein|The MathWorks'
                    r'|Trimble|Adobe Systems|Atlassian|Apple|Bentley) ')


# What is kept of the technologies that are neither hot nor in demand.
LASTING = {'ERP systems', 'CAD', 'CAM', 'Minitab', 'GIS', 'LabVIEW', 'CATIA', 'Creo Parametric', 'CRM systems', 'LexisNexis',
           'Electronic medical records', 'CMMS', 'Moodle', 'NetSuite', 'Siemens NX', 'Mastercam', 'POS systems', 'LIMS', 'Stata',
           'Final Cut Pro', 'Google Classroom', 'Google Ads', 'LMS', 'Mathematica', 'Blackboard', 'Cadence', 'Abaqus', 'Maya'}


def tidy_skill(name):
    if name in RENAMED:
        return RENAMED[name]
    if OUTDATED.search(name):
        return None
    name = MAKERS.sub('', name)
    words = name.split()
    # "Cascading style sheets CSS": the acronym at the end says it all.
    if len(words) > 2 and words[-1].isupper() and len(words[-1]) >= len(words) - 2 and words[1].islower():
        return words[-1]
    if words[-1].lower() in ('software', 'system', 'systems'):
        words = words[:-1]
        if not any(re.search(r'[A-Z]', word) for word in words[1:]) and not re.search(r'.[A-Z]', ''.join(words[:1])):
            return None  # "Word processing software": a class of products, not a skill
    name = AFTERWARDS.get(' '.join(words), ' '.join(words))
    return name if len(name) <= 32 and '/' not in name else None


def occupations(folder):
    rows = collections.defaultdict(lambda: collections.defaultdict(list))
    key = 'O*NET-SOC Code'
    for row in table(folder / 'Sample of Reported Titles.txt'):
        rows[row[key]]['reported'].append(row['Reported Job Title'])
    for row in table(folder / 'Alternate Titles.txt'):
        rows[row[key]]['alternate'].append(row['Alternate Title'])
    for row in table(folder / 'Task Statements.txt'):
        rows[row[key]]['tasks'].append((row['Task Type'] != 'Core', row['Task']))
    used_in, group_use = collections.Counter(), collections.Counter()
    for row in table(folder / 'Technology Skills.txt'):
        kind = 'd' if row['In Demand'] == 'Y' else 'h' if row['Hot Technology'] == 'Y' else 'o'
        rows[row[key]]['skills'].append((kind, row['Example']))
        used_in[row['Example']] += 1
        group_use[row[key][:4], row['Example']] += 1
    for row in table(folder / 'Related Occupations.txt'):
        rows[row[key]]['related'].append((int(row['Index']), row['Related O*NET-SOC Code']))
    zones = {row[key]: row['Job Zone'] for row in table(folder / 'Job Zones.txt')}
    names = {row[key]: row['Title'] for row in table(folder / 'Occupation Data.txt')}
    return rows, zones, names, used_in, group_use


def titles_of(row, name):
    """Titles like the occupation's own name first: that is what most people would call the work."""
    words = {re.sub('s$', '', word.strip(',').lower()) for word in name.split()}

    def unlike(title):
        own = [re.sub('s$', '', word.lower()) for word in title.split()]
        return -round(sum(word in words for word in own) / len(own), 1)

    reported = [t for t in map(tidy_title, row['reported']) if t]
    ends = set().union(*map(last_words, reported), last_words(name))
    alternate = [t for t in map(tidy_title, row['alternate']) if t and last_words(t) & ends]
    one = re.sub(r'ies$', 'y', name) if name.endswith('ies') else re.sub(r'(?<!s)s$', '', name)
    own = [t for t in [tidy_title(one)] if t and not re.search(r' and | of |s$', t)]
    return list(dict.fromkeys(own + sorted(reported, key=unlike) + sorted(alternate, key=unlike)))[:TITLES_MAX]


def skills_of(code, row, used_in, group_use):
    """In-demand skills first, then what the neighbouring occupations use too, office programs last."""
    chosen, hot, zone_hot_max = {}, 0, 12

    def order(skill):
        kind, example = skill
        return 'dho'.index(kind), -group_use[code[:4], example], used_in[example], example

    for kind, example in sorted(row['skills'], key=order):
        name = tidy_skill(example)
        alone = group_use[code[:4], example] < 2 and used_in[example] > 20
        rare = name not in LASTING if kind == 'o' else hot >= zone_hot_max or alone
        full = len(chosen) >= TOOLS_ENOUGH
        if name and name not in chosen and (kind == 'd' or not (rare or full)):
            chosen[name] = kind
            hot += kind == 'h'
    return list(chosen.items())[:SKILLS_MAX]


def onet(folder):
    rows, zones, names, used_in, group_use = occupations(folder)
    starts = (task.split()[0].strip(',').lower() for row in rows.values() for _, task in row['tasks'])
    verbs = {verb for verb in starts if re.fullmatch(r'[a-z-]+', verb)} - NOT_VERBS | MORE_VERBS
    nounish = nouns_among(verbs, rows)
    lines, used, kept = [], set(), {}
    for code in sorted(zones):
        row = rows[code]
        tidied = [(extra, tidy_task(task)) for extra, task in row['tasks']]
        tasks = [mark_verbs(t, verbs, nounish) for _, t in sorted(tidied, key=lambda pair: pair[0]) if t]
        tasks = [t for t in tasks if t][:TASKS_MAX]
        titles = titles_of(row, names[code])
        if len(tasks) >= 4 and len(titles) >= 2 and not code.startswith('55'):
            kept[code] = (titles, tasks)
    for code, (titles, tasks) in kept.items():
        lines.append(f'O\t{code}\t{zones[code]}\t{names[code]}')
        lines += [f'T\t{title}' for title in titles]
        for kind, task in tasks:
            used.update(word.strip(',.').lower() for word in re.findall(r'\^(\S+)', task))
            lines.append(f'{kind}\t{task}')
        lines += [f'S\t{kind}\t{name}' for name, kind in skills_of(code, rows[code], used_in, group_use)]
        related = [other for _, other in sorted(rows[code]['related']) if other in kept][:RELATED_MAX]
        lines.append('R\t' + ','.join(related))
    return [f'V\t{verb}\t{past(verb)}\t{gerund(verb)}' for verb in sorted(used)] + lines


# Cities kept per country, largest first.
COUNTRIES = {'US': 700, 'GB': 140, 'DE': 140, 'FR': 100, 'NL': 60, 'CA': 90, 'IN': 60, 'IE': 12, 'CH': 20, 'AT': 14,
             'SE': 30, 'ES': 50, 'AU': 40, 'PL': 30, 'IT': 30, 'BE': 16, 'PT': 10, 'SG': 1}
CANADA = {'01': 'AB', '02': 'BC', '03': 'MB', '04': 'NB', '05': 'NL', '07': 'NS', '08': 'ON', '09': 'PE', '10': 'QC', '11': 'SK'}
AUSTRALIA = {'01': 'ACT', '02': 'NSW', '03': 'NT', '04': 'QLD', '05': 'SA', '06': 'TAS', '07': 'VIC', '08': 'WA'}
BOROUGHS = {'Manhattan', 'Brooklyn', 'Queens', 'The Bronx', 'Bronx', 'Staten Island', 'City of London', 'Greater London', 'Enfield Town',
            'Londonderry County Borough', 'Saint Peters', 'Becontree', 'Mendip', 'Bergedorf', 'Neue Neustadt', 'Köpenick',
            'Berlin Köpenick', 'Fylde', 'High Peak', 'Marne La Vallée', 'New South Memphis', 'Charlottenburg'}
RENAMED_CITIES = {'New York City': 'New York', 'Frankfurt am Main': 'Frankfurt', 'München': 'Munich', 'Köln': 'Cologne', 'Washington, D.C.': 'Washington'}


def distance_km(a, b):
    x = math.radians(b[1] - a[1]) * math.cos(math.radians((a[0] + b[0]) / 2))
    return 6371 * math.hypot(x, math.radians(b[0] - a[0]))


def cities(path, states):
    found = collections.defaultdict(list)
    for row in table(path):
        if row['country'] in COUNTRIES and row['name'] not in BOROUGHS:
            place = (float(row['latitude']), float(row['longitude']))
            found[row['country']].append((int(row['population']), row['name'], row['admin1'], place))
    lines = []
    for country, count in COUNTRIES.items():
        kept = []
        for people, name, admin, place in sorted(found[country], key=lambda c: (-c[0], c[1])):
            # Outside the US the table lists districts of big cities as cities of their own.
            if country == 'US' and admin == 'NY' and kept and distance_km(place, (40.714, -74.006)) < 22:
                continue  # parts of New York
            district = country != 'US' and any(p >= 4 * people and p > 400_000 and distance_km(place, at) < 14 for p, _, _, at in kept)
            if not district and len(kept) < count:
                kept.append((people, name, admin, place))
        for people, name, admin, place in kept:
            region = {'US': admin if admin in states else '', 'CA': CANADA.get(admin, ''), 'AU': AUSTRALIA.get(admin, '')}.get(country, '')
            lines.append(f'{RENAMED_CITIES.get(name, name)}\t{region}\t{country}\t{place[0]:.4f}\t{place[1]:.4f}\t{max(people // 1000, 1)}')
    return lines


def write(path, lines):
    data = ('\n'.join(lines) + '\n').encode()
    packed = subprocess.run(['zstd', '-19', '--no-progress', '-q', '-c'], input=data, stdout=subprocess.PIPE, check=True).stdout
    path.write_bytes(packed)
    print(f'{path.name}: {len(lines)} lines, {len(data)} bytes, {len(packed)} compressed')


def main():
    folder, geonames, states, out = map(Path, sys.argv[1:5])
    write(out / 'onet.tsv.zst', onet(folder))
    write(out / 'cities.tsv.zst', cities(geonames, json.loads(states.read_text())))


if __name__ == '__main__':
    main()
