"""Bytes: base64url, canonical JSON, keys, signed objects and closed forms (docs/spec/01-bytes.md)."""
import base64
import hashlib
import json
import re
import unicodedata
from functools import cache
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey


class Refused(Exception):
    """A refusal; its text is the code of docs/spec/errors.md."""


def need(holds, code):
    if not holds:
        raise Refused(code)
    return True


def b64(text):
    need(re.fullmatch(r'[A-Za-z0-9_-]*', text) and len(text) % 4 != 1, 'WIRE_B64')
    data = base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))
    return need(b64text(data) == text, 'WIRE_B64') and data


def b64text(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def digest(data):
    return b64text(hashlib.sha256(data.encode() if isinstance(data, str) else data).digest())


def b64padded(text):
    need(re.fullmatch(r'[A-Za-z0-9+/]*=*', text) and len(text) % 4 == 0, 'WIRE_B64')
    data = b64(text.rstrip('=').replace('+', '-').replace('/', '_'))
    return need(base64.b64encode(data).decode() == text, 'WIRE_B64') and data


def utf16(text):
    return text.encode('utf-16-be', 'surrogatepass')


def canon(value):
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int):
        return need(abs(value) < 2**53, 'WIRE_CANON') and str(value)
    if isinstance(value, str):
        whole = not re.search('[\ud800-\udfff]', value) and unicodedata.is_normalized('NFC', value)
        return need(whole, 'WIRE_CANON') and json.dumps(value, ensure_ascii=False)
    if isinstance(value, list):
        return '[' + ','.join(map(canon, value)) + ']'
    need(isinstance(value, dict) and '__proto__' not in value, 'WIRE_CANON')
    return '{' + ','.join(f'{canon(name)}:{canon(value[name])}' for name in sorted(value, key=utf16)) + '}'


def no_number(text):
    raise ValueError(text)


def parse(data, limit):
    """Canonical JSON and nothing else, in the order of 01-bytes."""
    need(len(data) <= limit, 'WIRE_SIZE')
    try:
        text = data.decode('utf-8')
    except UnicodeDecodeError:
        raise Refused('WIRE_UTF8') from None
    depth = 0
    for mark in re.findall(r'"[^"\\]*(?:\\.[^"\\]*)*"?|[\[{\]}]', text, re.S):
        depth += (mark in '[{') - (mark in ']}')
        need(depth <= 12, 'WIRE_CANON')
    try:
        value = json.loads(text, parse_constant=no_number, parse_int=lambda t: int(t) if len(t) < 20 else 2**53)
    except ValueError:
        raise Refused('WIRE_JSON') from None
    return need(canon(value) == text, 'WIRE_CANON') and value


def glance(text, limit=524288):
    """Members of an object that is not verified yet, or none: only where to look next may rest on them."""
    try:
        value = parse(b64(text), limit)
    except Refused:
        value = None
    return value if isinstance(value, dict) else {}


KEY_FORMS = {'Ed25519': ('x', 43, {'crv': 'Ed25519', 'kty': 'OKP'}), 'ML-DSA-65': ('pub', 2603, {'kty': 'AKP'}),
             'ECDH-ES+A256KW': ('x', 43, {'crv': 'X25519', 'kty': 'OKP'}), 'HPKE-9-KE': ('pub', 1622, {'kty': 'AKP'})}


def public(key):
    return b64(key[KEY_FORMS[key['alg']][0]])


def thumbprint(key):
    names = ('crv', 'kty', 'x') if key['kty'] == 'OKP' else ('alg', 'kty', 'pub')
    return digest(canon({name: key[name] for name in names}))


P, ORDER = 2**255 - 19, 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P


def add_points(p, q):
    (x, y, z, t), (u, v, w, s) = p, q
    a, b, c, d = (y - x) * (v - u), (y + x) * (v + u), 2 * t * s * D, 2 * z * w
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


@cache
def admit(alg, data):
    """Ed25519: one encoding, a point of the large subgroup. Encryption keys: one encoding, no secret that all know."""
    if alg == 'HPKE-9-KE':
        triples = [int.from_bytes(data[n:n + 3], 'little') for n in range(0, 1152, 3)]
        need(all(t % 4096 < 3329 and t >> 12 < 3329 for t in triples) and any(data[1184:]), 'WIRE_KEY')
    if alg == 'ECDH-ES+A256KW':
        need(int.from_bytes(data, 'little') < P, 'WIRE_KEY')
        try:
            X25519PrivateKey.from_private_bytes(bytes(32)).exchange(X25519PublicKey.from_public_bytes(data))
        except ValueError:  # a shared secret of zero: a point of small order
            raise Refused('WIRE_KEY') from None
    if alg == 'Ed25519':
        sign, y = data[31] >> 7, int.from_bytes(data, 'little') % 2**255
        square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
        x = pow(square, (P + 3) // 8, P)
        x = x if x * x % P == square else x * pow(2, (P - 1) // 4, P) % P
        need(y < P and x * x % P == square and x != 0 and y != 0, 'WIRE_KEY')
        x = x if x % 2 == sign else P - x
        point, total, n = (x, y, 1, x * y % P), (0, 1, 1, 0), ORDER
        while n:
            total, point, n = add_points(total, point) if n & 1 else total, add_points(point, point), n >> 1
        need(total[0] == 0 and total[1] == total[2], 'WIRE_KEY')


def form_of_signed(jws):
    members(jws, {'payload': is_text(), 'signatures': lambda v: isinstance(v, list) and v})
    for entry in jws['signatures']:
        members(entry, {'protected': is_text(), 'signature': is_text()})


class Signed:
    """A signed object whose form was read; no signature is verified yet."""

    def __init__(self, jws, typ, limit, most, act=False):
        form_of_signed(jws)
        need(len(jws['signatures']) <= most and len(jws['payload']) <= -(-limit * 4 // 3), 'WIRE_SIZE')
        self.payload, self.signatures = jws['payload'], []
        self.content = parse(b64(self.payload), limit)
        for entry in jws['signatures']:
            signature = b64(entry['signature'])
            head = parse(b64(entry['protected']), 300)
            need(isinstance(head, dict), 'WIRE_HDR')
            need('crit' not in head and 'b64' not in head, 'WIRE_CRIT')
            need(set(head) <= {'act', 'alg', 'kid', 'typ'}, 'WIRE_MEMBER')
            need(head.get('alg') in ('Ed25519', 'ML-DSA-65'), 'WIRE_ALG')
            need(head.get('typ') == typ, 'WIRE_TYP')
            need(is_digest(head.get('kid')), 'WIRE_KID')
            need(act or 'act' not in head, 'WIRE_MEMBER')
            need(not act or head.get('act') in ('author', 'approve'), 'WIRE_HDR')
            self.signatures.append((head, f'{entry["protected"]}.{self.payload}'.encode(), signature))
        need(len({head['kid'] for head, _, _ in self.signatures}) == len(self.signatures), 'WIRE_SIG')
        self.digest, self.signatures_digest = digest(self.payload), digest(canon(jws['signatures']))

    def read(self, spec):
        need(isinstance(self.content, dict) and 'v' in self.content, 'WIRE_MEMBER')
        need(self.content['v'] == 1 and self.content['v'] is not True, 'WIRE_VERSION')
        members(self.content, {**spec, 'v': lambda v: True})
        return self


def verify(key, signature):
    head, text, data = signature
    need(key['alg'] == head['alg'], 'WIRE_ALG')
    if key['alg'] == 'Ed25519':  # the ML-DSA half of a root pair is taken as it stands: see above
        verify_text(public(key), text, data)


def verify_text(key, text, data):
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(data, text)
    except (InvalidSignature, ValueError):
        raise Refused('WIRE_SIG') from None


# Forms: every object has exactly its members; a name with ? may be absent. A fault at these is the key's (02 refusals)
AT_A_KEY = {'ed', 'jwk', 'key', 'pq', 'rosterKeys', 'sealKey'}


def members(value, spec):
    names = {name.rstrip('?'): test for name, test in spec.items()}
    need(isinstance(value, dict) and set(value) <= set(names), 'WIRE_MEMBER')
    missing = {name for name in spec if not name.endswith('?')} - set(value)
    need(not missing, 'WIRE_KEY' if missing and missing <= AT_A_KEY else 'WIRE_MEMBER')
    return all(need(names[name](value[name]), 'WIRE_MEMBER') for name in value)


def shape(**spec):
    return lambda value: members(value, {name.replace('_opt', '?'): test for name, test in spec.items()})


def is_text(least=0, most=10**7, form=r'(?s:.*)'):
    return lambda v: isinstance(v, str) and least <= len(utf16(v)) // 2 <= most and bool(re.fullmatch(form, v))


def is_int(least, most):
    return lambda v: isinstance(v, int) and not isinstance(v, bool) and least <= v <= most


def in_form(test, value, code):
    """A form whose every fault has one code."""
    try:
        holds = test(value)
    except Refused:
        holds = False
    return need(holds, code)


def one_of(*values):
    return lambda v: any(v == value and type(v) is type(value) for value in values)


def list_of(test, least, most, rising=None):
    def holds(v):
        whole = isinstance(v, list) and least <= len(v) <= most and all(test(item) for item in v)
        names = [utf16(item if rising == '' else item[rising]) for item in v] if whole and rising is not None else []
        return whole and all(a < b for a, b in zip(names, names[1:]))
    return holds


def map_of(name, test, least, most):
    return lambda v: isinstance(v, dict) and least <= len(v) <= most and all(name(n) and test(v[n]) for n in v)


def is_key(*algorithms):
    def holds(v):
        need(isinstance(v, dict), 'WIRE_KEY')
        alg = v['alg'] if v.get('alg') in algorithms else algorithms[0]
        place, length, fixed = KEY_FORMS[alg]
        need(set(v) <= {'alg', place, *fixed}, 'WIRE_MEMBER')
        text = v.get(place)
        named = all(v.get(name) == value for name, value in {**fixed, 'alg': alg}.items())
        return need(named and is_text(length, length, '[A-Za-z0-9_-]*')(text), 'WIRE_KEY')
    return holds


is_digest = is_text(43, 43, '[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]')
is_instant, is_version, is_sequence = is_int(0, 253402300799), is_int(1, 10**9), is_int(1, 2**53 - 1)
