"""A frame number that survives decoding: black and white blocks in the picture.

Layout, from the picture's left upper corner, blocks of ``BLOCK`` pixels in one row:
white, black (markers), then ``BITS`` bits, most significant first, then the parity
bit (even). ``read`` answers ``None`` where the marker or the parity does not fit,
so that a frame from another clip is never taken for a number.
"""

BLOCK = 16
BITS = 12
CELLS = BITS + 3


def drawing() -> str:
    """Return the ffmpeg filters that draw the number as blocks and as digits."""
    boxes = [_box(0, CELLS, "black"), _box(0, 1, "white")]
    terms = []
    for position in range(BITS):
        bit = f"mod(floor(n/{1 << (BITS - 1 - position)}),2)"
        terms.append(bit)
        boxes.append(_box(2 + position, 1, "white", f"eq({bit},1)"))
    boxes.append(_box(CELLS - 1, 1, "white", f"eq(mod({'+'.join(terms)},2),1)"))
    digits = "drawtext=text='%{n}':x=8:y=24:fontsize=28:fontcolor=white:box=1"
    return ",".join([*boxes, f"{digits}:boxcolor=black"])


def _box(cell: int, cells: int, color: str, enable: str = "") -> str:
    text = f"drawbox=x={cell * BLOCK}:y=0:w={cells * BLOCK}:h={BLOCK}:color={color}:t=fill"
    return f"{text}:enable='{enable}'" if enable else text


def read(luma: bytes, width: int) -> int | None:
    """Read the number from the first ``BLOCK`` rows of a picture's luma plane.

    :param luma: rows of ``width`` bytes, at least ``BLOCK`` rows
    :param width: bytes a row
    """
    row = (BLOCK // 2) * width
    cells = [luma[row + cell * BLOCK + BLOCK // 2] for cell in range(CELLS)]
    if any(64 < level < 176 for level in cells):
        return None
    bits = [int(level >= 176) for level in cells]
    if bits[:2] != [1, 0] or sum(bits[2:]) % 2:
        return None
    return int("".join(map(str, bits[2:-1])), 2)
