"""Makes notices.txt with the `cryptography` package: AES-256-CBC, PKCS#7, base64, as KIS encrypts order notices.

One notice a line, separated by tabs: name, key, initial vector, count of records, payload, plain text.
"""

import base64
import pathlib

from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

DOMESTIC = (
    "hts01^5012345601^0000023401^^02^0^00^0^005930^0000000004^000070500^100140^0^2^2^00950^000000010^TESTER^^1^N^^10^^"
    "SYNTH A^000070600")
OVERSEAS = (
    "hts01^50123456^30001201^^02^0^2^AAPL^0000000003^002014400^^0^2^2^01790^000000003^TESTER^SYNTH B^6^10^^^^^"
    "000002014400")
NOTICES = [
    ("domestic-fill", DOMESTIC, 1),
    ("domestic-received", DOMESTIC.replace("^0^2^2^00950^", "^0^1^1^00950^").replace("000070600", ""), 1),
    ("domestic-refused", DOMESTIC.replace("^0^2^2^00950^", "^1^1^1^00950^"), 1),
    ("domestic-cancelled", DOMESTIC.replace("0000023401^^02^0", "0000023402^0000023401^02^2")
     .replace("^0^2^2^00950^", "^0^1^2^00950^"), 1),
    ("domestic-korean", DOMESTIC.replace("TESTER", "홍길동").replace("SYNTH A", "삼성전자"), 1),
    ("domestic-23", "hts01^5012345601^0000023401^^01^0^00^0^005930^0000000004^000070500^235959^0^2^2^00950^000000010^"
     "TESTER^SYNTH A^10^^SYNTH A^000070400", 1),
    ("domestic-two", DOMESTIC + "^" + DOMESTIC.replace("0000023401", "0000023405").replace("005930", "000660"), 2),
    ("overseas-fill", OVERSEAS, 1),
    ("overseas-21", "^".join(OVERSEAS.split("^")[:21]), 1),
    ("overseas-tokyo", OVERSEAS.replace("AAPL", "7203").replace("SYNTH B^6", "SYNTH B^D"), 1),
    ("overseas-hanoi", OVERSEAS.replace("AAPL", "PVS").replace("SYNTH B^6", "SYNTH B^E"), 1),
    ("overseas-nowhere", OVERSEAS.replace("SYNTH B^6", "SYNTH B^Z"), 1),
]


def encrypt(text, key, vector):
    padder = padding.PKCS7(128).padder()
    padded = padder.update(text.encode()) + padder.finalize()
    sealer = Cipher(algorithms.AES(key.encode()), modes.CBC(vector.encode())).encryptor()
    return base64.b64encode(sealer.update(padded) + sealer.finalize()).decode()


lines = []
for number, (name, text, count) in enumerate(NOTICES):
    key, vector = f"{number:02d}cdefghijklmnopqrstuvwxyzabcdef", f"0a1b2c3d4e5f60{number:02d}"
    lines.append("\t".join([name, key, vector, str(count), encrypt(text, key, vector), text]))
pathlib.Path(__file__).with_name("notices.txt").write_text("\n".join(lines) + "\n")
