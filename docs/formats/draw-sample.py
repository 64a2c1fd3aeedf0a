#!/usr/bin/env python3
"""Draws the sample of a report again: draw-sample.py NONCE AUDIT_HEAD POPULATION SIZE prints places from 0, one a line.

The places are those of the frozen list in the report's zip (population.txt), whose first line is place 0."""
import hashlib
import sys

nonce, head, population, size = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
seed = hashlib.sha256(f"{nonce}\n{head}\n".encode("ascii")).digest()
counter = 0


def below(bound):
    """A number from 0 to bound - 1, each equally likely."""
    global counter
    while True:
        number = int.from_bytes(hashlib.sha256(seed + counter.to_bytes(8, "big")).digest()[:8], "big")
        counter += 1
        if number < 2**64 - 2**64 % bound:
            return number % bound


moved = {}
for place in range(size):
    other = place + below(population - place)
    print(moved.get(other, other))
    moved[other] = moved.get(place, place)
