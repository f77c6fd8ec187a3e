#!/usr/bin/python3
"""A second verifier of Amana's signed objects, written from docs/spec and test/vectors.

amana_check.py [--json] VECTORS.json                 every case of a vector file, with what it expects
amana_check.py [--json] policy.txt FILE.bundle.jsonl every signed object of an evidence bundle, accepted or refused
amana_check.py [--json] policy.txt FILE.message.jsonl the same of a message file, with the finding

Exit status: 0 all as it should be, 4 something is not, 9 a file is refused as a whole or cannot be read, 2 usage."""
import json
import sys

sys.dont_write_bytecode = True
from amana_bundle import Bundle
from amana_bytes import Refused, b64, b64padded, need, parse
from amana_charter import verify_charter, verify_next
from amana_message import MessageFile
from amana_objects import (
    CLOSED, check_dispatch, check_receipt, check_seal, check_statement, read_dispatch, read_receipt, read_statement,
    receive, verdict)
from amana_presentation import check_disclosure, check_opening, check_presentation, read_disclosure, read_presentation
from amana_trust import trust_of

NOTES = ('charter: Ed25519 half only; python3-cryptography of Debian 12 has no ML-DSA',
         'seals: closed; it takes no key, and for suite A2 that package has no ML-KEM',
         'bundles: signed objects and channels only, neither the tree of the log nor its checkpoints',
         'message files: they show no log; REFUSED is what their receiver refused, held against nobody')
INSIDE = {'WIRE_DECRYPT', 'WIRE_DIS', 'WIRE_INCOMPLETE', 'WIRE_KEY_COMMIT', 'WIRE_SCHEMA'}  # from inside a seal


def object_of(value):
    """A signed object; in a case about single bytes its text, which must be canonical."""
    return parse(value.encode('utf-8', 'surrogatepass'), 1048576) if isinstance(value, str) else value


def statement_case(trust, case):
    statement = read_statement(object_of(case['statement']))
    need(case.get('digest', statement.digest) == statement.digest, 'another digest')
    check_statement(trust, statement)
    if 'opening' in case:
        check_opening(statement, case['opening'])


def dispatch_case(trust, case):
    dispatch = read_dispatch(object_of(case['dispatch']))
    need(case.get('digest', dispatch.digest) == dispatch.digest, 'another digest')
    check_dispatch(trust, dispatch)


def receipt_case(trust, case):
    check_receipt(trust, read_receipt(object_of(case['receipt'])), read_dispatch(case['dispatch']))


def documents(charters, rosters):
    """The view of a chain of charters, the first one first, with its rosters."""
    chain = [verify_charter(charters[0])]
    for jws in charters[1:]:
        chain.append(verify_next(jws, chain[-1]))
    return trust_of(chain, rosters)


def charter_case(trust, case):
    charter = verify_next(object_of(case['charter']), trust.charters[0])
    need(charter.recovers == case.get('recovers'), f'recovers {charter.recovers}')


CASES = {'documents': lambda _, case: documents([case['charter'], *case.get('later', [])], case['rosters']),
         'charters': charter_case,
         'statements': statement_case, 'dispatches': dispatch_case, 'receipts': receipt_case,
         'disclosures': lambda trust, case: check_disclosure(
             trust, read_disclosure(case['disclosure']), case['presentation']),
         'presentations': lambda trust, case: check_presentation(trust, read_presentation(case['presentation'])),
         'seals': lambda _, case: check_seal(case['seal'], case.get('suite', 'A2'))}


def run_objects(file):
    """A vector file of signed objects. A case that only an opened seal can tell is outside."""
    for case in file.get('files', []):
        yield 'files', case['name'], ' '.join(case['says']), ' '.join(said_of(file, case)), False
    if 'trust' not in file:
        return
    trust = documents([file['trust']['charter'], *file['trust'].get('later', [])], file['trust']['rosters'])
    for part, check in CASES.items():
        for case in file.get(part, []):
            found, expected = verdict(check, trust, case) or 'accepted', case.get('code', 'accepted')
            outside = part == 'seals' and found == 'accepted'
            yield part, case['name'], expected, CLOSED if outside else found, outside
    for case in file.get('envelopes', []):
        found = receive(trust, case['envelope'], file['receiver'])
        results = case.get('results', [])
        outside = CLOSED in found and bool(INSIDE & set(results))
        expected = [case.get('place', ''), *(CLOSED if one == 'opened' else one for one in results)]
        yield 'envelopes', case['name'], ' '.join(expected), ' '.join(found), outside


def said_of(file, case):
    """What is said against a message file: findings, each with the code behind it, or the code of its reading."""
    pieces = [file['lines'][one] + '\n' if isinstance(one, int) else one for one in case['pieces']]
    try:
        policy = file['policies'][case['policy']].encode()
        rows = MessageFile(''.join(pieces).encode('utf-8', 'surrogatepass'), policy).verdicts()
    except Refused as refusal:
        return [str(refusal)]
    return sorted({found.replace(' ', ':') for _, _, found in rows if found != 'accepted'})


def bytes_of(case):
    if 'repeat' in case:
        return case['repeat']['text'].encode() * case['repeat']['times']
    return bytes.fromhex(case['hex']) if 'hex' in case else case['text'].encode('utf-8', 'surrogatepass')


def run_bytes(file):
    """A vector file of texts: canonical JSON, or base64 in both alphabets."""
    if 'base64url' not in file:
        for case in file['accepted'] + file['refused']:
            found = verdict(parse, bytes_of(case), 10**6) or 'accepted'
            yield 'canonical', case['name'], case.get('code', 'accepted'), found, False
        return
    for part, decode in (('base64url', b64), ('base64', b64padded)):
        for case in file[part]['accepted']:
            yield part, case['text'], case['hex'], decode(case['text']).hex(), False
        for case in file[part]['refused']:
            yield part, case['text'], 'WIRE_B64', verdict(decode, case['text']) or 'accepted', False


def run(paths):
    """Rows to print, and whether all are as they should be."""
    if len(paths) == 1:
        with open(paths[0], encoding='utf-8') as file:
            vectors = json.load(file)
        found = run_objects(vectors) if {'trust', 'files'} & set(vectors) else run_bytes(vectors)
        rows = [dict(zip(('part', 'name', 'expected', 'found', 'outside'), row)) for row in found]
        return rows, all(row['outside'] or row['expected'] == row['found'] for row in rows)
    policy, data = (open(path, 'rb').read() for path in paths)
    kind = MessageFile if paths[1].endswith('.message.jsonl') else Bundle
    rows = [dict(zip(('kind', 'name', 'found'), row)) for row in kind(data, policy).verdicts()]
    return rows, all(row['found'] in ('accepted', 'REFUSED') for row in rows)


def main(arguments):
    paths = [one for one in arguments if one != '--json']
    if len(paths) not in (1, 2):
        print(__doc__)
        return 2
    try:
        rows, good = run(paths)
    except (Refused, OSError, ValueError) as error:
        print(f'amana_check: {error}', file=sys.stderr)
        return 9
    if '--json' in arguments:
        print(json.dumps({'notes': NOTES, 'rows': rows}))
    else:
        for row in rows:
            print(*row.values(), sep='\t')
        print(*NOTES, sep='\n')
    return 0 if good else 4


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
