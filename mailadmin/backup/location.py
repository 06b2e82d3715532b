"""Where a repository is, in a form that can be shown: without the password some kinds carry in it."""

import re

KINDS = {
    "sftp": "sftp",
    "rest": "rest",
    "s3": "s3",
    "b2": "b2",
    "azure": "azure",
    "gs": "gs",
    "swift": "swift",
    "rclone": "rclone",
}
_LOGIN = re.compile(r"(//[^/:@]+):[^/@]*@")


def shown(repository: str) -> str:
    return _LOGIN.sub(r"\1:•••@", repository)


def kind(repository: str) -> str:
    """sftp · rest · s3 · … · local"""
    return KINDS.get(repository.partition(":")[0], "local")
