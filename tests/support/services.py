"""The settings of a server that uses the tests' S3 server, fake FCM and SMTP server."""

from pathlib import Path

from tests.support import s3
from tests.support.fcm import FakeFcm
from tests.support.s3 import S3Server


def at_s3(bucket: S3Server) -> dict[str, str]:
    return {
        "LINKY_STORAGE": "s3",
        "LINKY_S3_BUCKET": "pictures",
        "LINKY_S3_ENDPOINT_URL": bucket.endpoint,
        "AWS_ACCESS_KEY_ID": s3.ACCESS_KEY,
        "AWS_SECRET_ACCESS_KEY": s3.SECRET_KEY,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def at_fcm(fcm: FakeFcm, folder: Path) -> dict[str, str]:
    """The folder gets the key of the service account."""
    return {
        "LINKY_PUSH": "fcm",
        "LINKY_FCM_CREDENTIALS": str(fcm.write_credentials(folder / "key.json")),
        "LINKY_FCM_ENDPOINT": fcm.url,
    }


def at_smtp(port: int) -> dict[str, str]:
    return {
        "LINKY_MAIL": "smtp",
        "LINKY_MAIL_FROM": "Linky <no-reply@linky.example>",
        "LINKY_SMTP_HOST": "127.0.0.1",
        "LINKY_SMTP_PORT": str(port),
    }
