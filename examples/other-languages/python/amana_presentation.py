"""What is shown of a statement: openings, presentations, signed disclosures (docs/spec/03-statement-and-seal.md)."""
import hmac
import unicodedata
from amana_bytes import (
    Signed, b64, b64text, canon, digest, in_form, is_digest, is_instant, is_text, list_of, map_of, need, one_of, parse,
    shape, utf16, verify)
from amana_keys import is_agency
from amana_objects import KINDS, PURPOSES, SALT, check_context, read_statement

RESERVED = {'_sd', '...', '_sd_alg', '__proto__'}
is_opening = shape(
    groups=map_of(is_text(), shape(seed=is_text(43, 43, SALT), value=lambda v: isinstance(v, dict)), 0, 64),
    salt=is_text(22, 22, SALT), withheld=map_of(is_text(), is_digest, 0, 64))


def children(value):
    return value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()


def count(value, depth=1):
    need(depth <= 7 or not isinstance(value, (dict, list)), 'WIRE_CANON')
    return sum(1 + count(child, depth + 1) for _, child in children(value))


def reserved(value):
    named = isinstance(value, dict) and RESERVED & set(value)
    return bool(named) or any(reserved(child) for _, child in children(value))


def committed(seed, value, path=()):
    def disclosed(at, *rest):
        salt = hmac.digest(seed, canon([*at]).encode(), 'sha256')[:16]
        return digest(b64text(canon([b64text(salt), *rest]).encode()))
    below = [(name, committed(seed, child, (*path, name))) for name, child in children(value)]
    if below and isinstance(value, dict):
        value = {'_sd': sorted(disclosed((*path, name), name, child) for name, child in below)}
    elif below:
        value = [{'...': disclosed((*path, name), child)} for name, child in below]
    return value if path else disclosed((), 'value', value)


def check_opening(statement, opening):
    in_form(is_opening, opening, 'WIRE_DIS')
    need(statement.content['kind'] in KINDS, 'WIRE_SCHEMA')
    groups, withheld = opening['groups'], opening['withheld']
    names = sorted([*groups, *withheld])
    need(names == sorted(KINDS[statement.content['kind']][0].split()), 'WIRE_DIS')
    values = [group['value'] for group in groups.values()]
    need(1 + sum(1 + count(value) for value in values) <= 16384, 'WIRE_SIZE')
    need(sum(len(canon(value).encode()) for value in values) <= 458752, 'WIRE_SIZE')
    need(not any(map(reserved, values)), 'WIRE_DIS')
    digests = {**withheld, **{name: committed(b64(group['seed']), group['value']) for name, group in groups.items()}}
    body = [opening['salt'], 'body', {name: {'_sd': [digests[name]]} for name in names}]
    need(digest(b64text(canon(body).encode())) == statement.content['_sd'][0], 'WIRE_DIS')


class Presented:
    """The disclosures of a presentation; every digest is met once, every disclosure is used once."""

    def __init__(self, texts):
        self.left, self.met = {}, set()
        for text in texts:
            parts = parse(b64(text), 458752)
            fits = isinstance(parts, list) and len(parts) in (2, 3) and all(isinstance(one, str) for one in parts[:-1])
            need(fits and len(parts[0]) >= 22 and digest(text) not in self.left, 'WIRE_DIS')
            self.left[digest(text)] = parts

    def take(self, named, length):
        need(in_form(is_digest, named, 'WIRE_DIS') and named not in self.met, 'WIRE_DIS')
        self.met.add(named)
        parts = self.left.pop(named, None)
        return need(parts is None or len(parts) == length, 'WIRE_DIS') and parts

    def walk(self, value, depth=1):
        need(depth <= 12 and value is not None, 'WIRE_DIS')
        if isinstance(value, list):
            for element in value:
                in_form(shape(**{'...': is_digest}), element, 'WIRE_DIS')
                shown = self.take(element['...'], 2)
                if shown:
                    self.walk(shown[1], depth + 1)
        elif value and isinstance(value, dict):
            in_form(shape(_sd=list_of(is_digest, 1, 16384, '')), value, 'WIRE_DIS')
            shown = [parts for parts in (self.take(named, 3) for named in value['_sd']) if parts]
            names = {name for _, name, _ in shown} - RESERVED
            need(len(names) == len(shown), 'WIRE_DIS')
            for parts in shown:
                self.walk(parts[2], depth + 1)


def read_presentation(text):
    """The statement under its author's signature, with every disclosure in its place; nothing is verified yet."""
    need(len(utf16(text)) // 2 <= 1835008, 'WIRE_SIZE')
    signed, *texts = text.rstrip(WHITE_SPACE).split('~')
    need(texts and texts[-1] == '' and signed.count('.') == 2, 'WIRE_MEMBER')
    protected, payload, signature = signed.split('.')
    statement = read_statement({'payload': payload, 'signatures': [{'protected': protected, 'signature': signature}]})
    content, shown = statement.content, Presented(texts[:-1])
    body = shown.take(content['_sd'][0], 3)
    need(body and body[1] == 'body', 'WIRE_DIS')
    need(content['kind'] in KINDS, 'WIRE_SCHEMA')
    one_digest = shape(_sd=list_of(is_digest, 1, 1))
    in_form(shape(**{name: one_digest for name in KINDS[content['kind']][0].split()}), body[2], 'WIRE_DIS')
    for group in body[2].values():
        parts = shown.take(group['_sd'][0], 3)
        need(not parts or (parts[1] == 'value' and isinstance(parts[2], dict)), 'WIRE_DIS')
        if parts:
            shown.walk(parts[2])
    return need(not shown.left, 'WIRE_DIS') and statement


def check_presentation(trust, statement, covered=False):
    content, signature = statement.content, statement.signatures[0]
    check_context(trust, content, content['iss'], content['iat'])
    need(signature[0]['act'] == 'author', 'WIRE_HDR')
    verify(trust.signer('officer', content['iss'], signature[0]['kid'], content['iat'], covered)['key'], signature)


WHITE_SPACE = ' \t\n\r'
HIDDEN, SPACES = ('Cc', 'Cf', 'Cn', 'Co', 'Cs', 'Zl', 'Zp'), ('Zs', 'Zl', 'Zp')


def is_audience(value):
    """One line that can be printed, without a space at either end."""
    if not is_text(1, 128)(value):
        return False
    kinds = [unicodedata.category(letter) for letter in value]
    return not set(kinds) & set(HIDDEN) and kinds[0] not in SPACES and kinds[-1] not in SPACES


DISCLOSURE = {
    'audience': is_audience, 'disclosedAt': is_instant,
    'by': shape(agency=is_agency, kid=is_digest), 'nonce': is_text(22, 22, '[A-Za-z0-9_-]{21}[AQgw]'),
    'presentation': is_digest, 'purpose': one_of(*PURPOSES), 'statement': is_digest}


def read_disclosure(jws):
    """Which officer says to have given a presentation to whom; not verified yet."""
    disclosure = Signed(jws, 'amana-disclosure+jws', 2048, 1).read(DISCLOSURE)
    return need(disclosure.content['by']['kid'] == disclosure.signatures[0][0]['kid'], 'WIRE_KID') and disclosure


def check_disclosure(trust, disclosure, text):
    content, by = disclosure.content, disclosure.content['by']
    statement = read_presentation(text)
    need(content['presentation'] == digest(text) and content['statement'] == statement.digest, 'WIRE_DIS')
    need(by['agency'] in [statement.content['iss'], *statement.content['aud']], 'WIRE_ISS')
    need(content['disclosedAt'] >= statement.content['iat'] - 300, 'WIRE_TIME_ORDER')
    officer = trust.signer('officer', by['agency'], by['kid'], content['disclosedAt'])
    verify(officer['key'], disclosure.signatures[0])
