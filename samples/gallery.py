"""Puts the quickstart's pictures together into the README's first, samples/gallery.jpg:

    sh samples/quickstart.sh && python3 samples/gallery.py [FOLDER] [GALLERY.jpg]

FOLDER is the quickstart's, default: out. Needs Pillow (Debian: python3-pil).
"""

import sys
from pathlib import Path

from PIL import Image

SAMPLES = Path(__file__).resolve().parent
GAP, GREY, LARGEST = 4, (128, 128, 128), 200_000  # pixels; bytes


def beneath(pictures):
    """One below the other, each in the middle of the widest."""
    width = max(p.width for p in pictures)
    whole = Image.new("RGB", (width, sum(p.height + GAP for p in pictures) - GAP), GREY)
    y = 0
    for p in pictures:
        whole.paste(p, ((width - p.width) // 2, y))
        y += p.height + GAP
    return whole


def beside(left, right):
    whole = Image.new("RGB", (left.width + GAP + right.width, max(left.height, right.height)), GREY)
    for p, x in ((left, 0), (right, left.width + GAP)):
        whole.paste(p, (x, (whole.height - p.height) // 2))
    return whole


def main():
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else SAMPLES.parent / "out"
    path = Path(sys.argv[2]) if len(sys.argv) > 2 else SAMPLES / "gallery.jpg"

    def picture(name):
        try:
            return Image.open(folder / (name + ".png")).convert("RGB")
        except OSError as error:
            sys.exit("gallery: %s; run sh samples/quickstart.sh first" % error)

    layers, course, dream = picture("layers"), picture("course"), picture("dream")
    pair = beneath([picture("pair-positive"), picture("pair-negative")])
    width = layers.width - GAP - pair.width
    dream = dream.resize((width, dream.height * width // dream.width), Image.LANCZOS)
    gallery = beneath([layers, course, beside(dream, pair)])
    for quality in range(95, 50, -1):
        gallery.save(path, quality=quality, optimize=True)
        if path.stat().st_size <= LARGEST:
            break
    print("%s: %dx%d, %d bytes, quality %d" % (path, *gallery.size, path.stat().st_size, quality))


if __name__ == "__main__":
    main()
