"""Ways to spoil a manifest, from single bits to whole structures."""
import copy

import yaml

SCALARS = [
    '', 'null', '~', 'true', 'no', '0', '-1', '1e-3', '1e999', '-1e999', '.nan', '.inf', '1e6',
    '123456789012345678901234567890', '0x1F', '0o7', '1_000', '12:30', '2024-01-01', "'1'", 'rad',
    '"\\e[2J"', '"\\0"', '"\\ud800"', 'ä€😀', '[]', '{}', '[1, 2]', '[[]]', '{a: 1}', '*a', '&a 1',
    '!!python/object:os.system x', '!!binary aGk=', '<<', '? a', '"' + 'x' * 5000 + '"', 'a b',
    '../../etc/passwd', '/etc/passwd', '-', '- 1', '%', '@', '`', '\t', 'physai/2']
PIECES = [
    b'\0', b'\xff', b'\xc3', b'\xef\xbb\xbf', b'\t', b'\r', b'\n', b'\x85', b'\x1b[31m', b': ',
    b'- ', b'#', b'&a ', b'*a', b'!!x ', b'---\n', b'...\n', b'[' * 50, b'{' * 50, b'"', b"'",
    b'|\n', b'>', b'? ', b'%YAML 1.1\n', b'<<: {}\n']
VALUES = [
    None, True, False, 0, -1, 1, 2, 0.5, 1e-9, 1e9, float('nan'), float('inf'), 10 ** 30, '', 'x',
    'joint_position', [], {}, [1], [1.0, 2.0, 3.0], ['a', 'a'], {'a': 1}, [[1]], [None],
    '\x1b[2J', '\u202e', 'x' * 300]


def mutated(text: str, chance) -> bytes:
    """
    Return a spoilt manifest.

    :param chance: random.Random
    """
    kind = chance.random()
    if kind < 0.35:
        return _bytes(text.encode(), chance)
    if kind < 0.6:
        return _lines(text, chance)
    if kind < 0.97:
        return _structure(text, chance)
    return _bomb(text, chance)


def _bytes(data, chance):
    data = bytearray(data)
    for _ in range(chance.choice((1, 1, 1, 2, 5, 20))):
        place, kind = chance.randrange(len(data) + 1), chance.random()
        if kind < 0.3 and place < len(data):
            data[place] ^= 1 << chance.randrange(8)
        elif kind < 0.5:
            data[place:place + chance.randrange(1, 20)] = b''
        elif kind < 0.8:
            data[place:place] = chance.choice(PIECES)
        elif kind < 0.9:
            other = chance.randrange(len(data) + 1)
            data[place:place] = data[other:other + chance.randrange(1, 200)]
        elif kind < 0.95:
            del data[place:]
        else:
            data[place:place] = bytes(chance.randrange(256) for _ in range(chance.randrange(1, 9)))
    return bytes(data)


def _lines(text, chance):
    lines = text.split('\n')
    for _ in range(chance.choice((1, 1, 2, 4))):
        n, kind = chance.randrange(len(lines)), chance.random()
        if kind < 0.2:
            lines.insert(n, lines[chance.randrange(len(lines))])
        elif kind < 0.35 and len(lines) > 1:
            del lines[n]
        elif kind < 0.5:
            lines[n] = ' ' * chance.randrange(6) + lines[n].lstrip()
        elif kind < 0.6:
            other = chance.randrange(len(lines))
            lines[n], lines[other] = lines[other], lines[n]
        elif ':' in lines[n]:
            lines[n] = lines[n].split(':')[0] + ': ' + chance.choice(SCALARS)
    return '\n'.join(lines).encode('utf-8', 'surrogatepass')


def _structure(text, chance):
    document = yaml.safe_load(text)
    for _ in range(chance.choice((1, 1, 1, 2, 3))):
        holders = [part for part in _containers(document) if len(part)]
        if not holders:
            break
        holder = chance.choice(holders)
        key = chance.choice(list(holder) if isinstance(holder, dict) else range(len(holder)))
        kind = chance.random()
        if kind < 0.2:
            del holder[key]
        elif kind < 0.35 and isinstance(holder, dict):
            holder[_renamed(str(key), chance)] = holder.pop(key)
        elif kind < 0.45 and isinstance(holder, list):
            holder.append(copy.deepcopy(holder[key]))
        elif kind < 0.65 and isinstance(holder[key], (int, float)):
            holder[key] *= chance.choice((0, -1, 0.5, 2, 1000, 57.29577951308232, 1e300))
        elif kind < 0.75:
            holder[key] = copy.deepcopy(chance.choice(_leaves(document)))
        else:
            holder[key] = copy.deepcopy(chance.choice(VALUES))
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True).encode(
        'utf-8', 'surrogatepass')


def _bomb(text, chance):
    count = chance.choice((10, 1000, 30_000, 200_000))
    return chance.choice((
        lambda: text + 'a: &a [x]\n' + ''.join(f'b{n}: &b{n} [*a, *a]\n' for n in range(9)),
        lambda: text + 'z: ' + '[' * count + ']' * count,
        lambda: text + 'z: ' + '{a: ' * count + '}' * count,
        lambda: text + ''.join(f'k{n}: {n}\n' for n in range(count)),
        lambda: text + 'z: [' + '1, ' * count + ']',
        lambda: '- ' * count + text,
        lambda: text + 'z: "' + 'x' * count + '"',
        lambda: text + '#' * count,
        lambda: text * min(count, 50)))().encode()


def _renamed(key, chance):
    place = chance.randrange(len(key) + 1)
    return chance.choice((key[:place] + key[place + 1:], key[:place] + 'x' + key[place:],
                          key.upper(), '', ' ', '\x1b]0;x\x07', 'offset', 'scale', '<<'))


def _containers(part):
    if isinstance(part, (dict, list)):
        yield part
        for inner in part.values() if isinstance(part, dict) else part:
            yield from _containers(inner)


def _leaves(part):
    return [inner for holder in _containers(part)
            for inner in (holder.values() if isinstance(holder, dict) else holder)] or [None]
