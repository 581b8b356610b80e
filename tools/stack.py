"""Copies `deploy/cloud-init/user-data.yaml` into `deploy/aws/linky.yaml`.

CloudFormation can't include a file, so `python -m tools.stack` copies it, and a check compares.
"""

import textwrap

from tools import ROOT

STACK = ROOT / "deploy" / "aws" / "linky.yaml"
USER_DATA = ROOT / "deploy" / "cloud-init" / "user-data.yaml"
BEGIN = "          Fn::Sub:\n            - |\n"
END = "            - Domain: !Ref DomainName\n"
INDENT = " " * 14


def with_user_data(stack: str, user_data: str) -> str:
    before, _, rest = stack.rpartition(BEGIN)
    _, _, after = rest.partition(END)
    return before + BEGIN + textwrap.indent(user_data, INDENT) + END + after


if __name__ == "__main__":
    text = USER_DATA.read_text(encoding="utf-8")
    STACK.write_text(with_user_data(STACK.read_text(encoding="utf-8"), text), encoding="utf-8")
