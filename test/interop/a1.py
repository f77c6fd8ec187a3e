"""Seals and statements before jwcrypto, which shares no code with Amana. Reads one JSON object on standard input."""

import json
import sys

from cryptography.exceptions import InvalidSignature
from jwcrypto.common import base64url_decode, base64url_encode
from jwcrypto.jwe import JWE, JWException
from jwcrypto.jwk import JWK


def open_seal(asked):
    """The plaintext and the content key, with one recipient's private key."""
    seal = JWE()
    seal.deserialize(asked['seal'], JWK(**asked['key']))
    return {'plaintext': seal.payload.decode(), 'contentKey': base64url_encode(seal.cek)}


def make_seal(asked):
    """A JWE in General JSON form for several keys, and the content key that was drawn for it."""
    made = JWE(asked['plaintext'].encode(), protected=asked['protected'], aad=asked['aad'].encode())
    for key in asked['keys']:
        public = {name: value for name, value in key.items() if name != 'kid'}
        made.add_recipient(JWK(**public), header=json.dumps({'kid': key['kid']}))
    jwe = json.loads(made.serialize(compact=False))
    if 'recipients' not in jwe:
        own = {name: jwe.pop(name) for name in ('encrypted_key', 'header')}
        jwe['recipients'] = [own]
    return {'jwe': jwe, 'contentKey': base64url_encode(made.cek)}


def verify(asked):
    """Every signature of a signed object, each by its own key: jwcrypto 1.1 does not know the name Ed25519 of RFC 9864."""
    payload = asked['object']['payload']
    for entry, key in zip(asked['object']['signatures'], asked['keys'], strict=True):
        public = JWK(kty='OKP', crv='Ed25519', x=key).get_op_key('verify')
        public.verify(base64url_decode(entry['signature']), f'{entry["protected"]}.{payload}'.encode())
    return {'verified': len(asked['keys'])}


if __name__ == '__main__':
    asked = json.load(sys.stdin)
    try:
        answer = {'open': open_seal, 'seal': make_seal, 'verify': verify}[sys.argv[1]](asked)
    except (JWException, InvalidSignature, ValueError) as refusal:
        sys.exit(f'{type(refusal).__name__}: {refusal}')
    json.dump(answer, sys.stdout)
