"""An invented codebook of three variables, and cases of it whose masks are put together bit by bit."""

import dataclasses

import numpy as np
import pandas as pd

LABELS = ("label_en", "label_ru", "label_kk")
CODES = {"act": ["a", "b", "c", "not_stated"], "who": ["x", "y", "unknown"], "many": [f"m{at}" for at in range(130)]}
GROUPS = {"act": {"g": ["a", "b"]}, "many": {"low": [f"m{at}" for at in range(64)], "high": [f"m{at}" for at in range(64, 129)]}}
WHO_APPLIES = {"act": ["a", "b"]}  # who did it was asked only where a or b was done


def codebook_of(book):
    """A codebook of three invented variables, one of them with more codes than two words have bits; c and m129 have no group."""
    unknown = {"not_stated", "unknown"}
    group = {(v, code): name for v, groups in GROUPS.items() for name, codes in groups.items() for code in codes}
    rows = [(variable, code, code if code in unknown else "", group.get((variable, code), "")) for variable, listed in CODES.items()
            for code in listed]
    codes = pd.DataFrame(rows, columns=["variable", "code", "unknown", "group"]).assign(**dict.fromkeys(LABELS, ""))
    variables = pd.DataFrame("", index=pd.Index(CODES, name="variable"), columns=book.variables.columns)
    variables["several"], variables.loc["who", "applies"] = "yes", "act=a,b"
    groups = pd.DataFrame([(v, name) for v, mine in GROUPS.items() for name in mine], columns=["variable", "group"])
    return dataclasses.replace(book, variables=variables, codes=codes, groups=groups.assign(**dict.fromkeys(LABELS, "")),
                               spellings={v: {c: c for c in listed} for v, listed in CODES.items()})


def invented(rows):
    """Cases from (year, set of acts, set of who, set of many), their masks put together here bit by bit."""
    table = {"year": pd.array([year for year, *_ in rows], dtype="Int64")}
    for at, (variable, codes) in enumerate(CODES.items(), 1):
        masks = [sum(1 << codes.index(code) for code in row[at]) for row in rows]
        for word in range(-(-len(codes) // 64)):
            name = f"{variable}.{word}" if word else variable
            table[name] = np.array([mask >> 64 * word & 2**64 - 1 for mask in masks], np.uint64)
    return pd.DataFrame(table)
