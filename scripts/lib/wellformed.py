"""Parse each XML file named on the command line; 1 when one is not well formed."""

import sys

from lxml import etree


def main(names: list[str]) -> int:
    """Print every mistake with its place."""
    bad = 0
    parser = etree.XMLParser(resolve_entities=False, no_network=True)
    for name in names:
        try:
            etree.parse(name, parser)
        except etree.XMLSyntaxError as error:
            bad = 1
            print(f"{name}: {error}")
    return bad


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
