"""What clients send and get when signing up, in and out."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, Field, StrictBool, model_validator

from app.core.field_errors import FieldCode
from app.core.schemas import EmailAddress, Exact, RequestModel, ResponseModel, Secret
from app.core.texts import Text
from app.integrations.identity.enums import SocialProvider
from app.user.rows import Me
from app.user.schemas import Nickname, TermsVersion


class Register(RequestModel):
    """A new account by email. The password has 8 to 128 characters of any script, and must not be
    easy to guess.
    """

    email: EmailAddress
    password: Secret
    nickname: Nickname
    terms_version: TermsVersion | None = None


class Login(RequestModel):
    email: EmailAddress
    password: Secret


class RefreshRequest(RequestModel):
    refresh_token: Secret


class PasswordChange(RequestModel):
    current_password: Secret
    new_password: Secret


class PasswordForgotten(RequestModel):
    email: EmailAddress


class PasswordReset(RequestModel):
    token: Secret
    new_password: Secret


class EmailVerification(RequestModel):
    """The token in the email. `mine` is false if the account isn't the reader's."""

    token: Secret
    mine: StrictBool | None = Field(
        default=None,
        description="False if the account isn't the reader's: all else is closed, or the address "
        "is removed if the account began with another sign-in method. `true` if it is not sent",
        examples=[True],
    )


ONE_PROOF = FieldCode(
    "one_proof",
    Text(
        "パスワード、ID トークン、コードのうち、どれか 1 つだけを指定してください。",
        "Send exactly one of a password, an ID token or a code.",
    ),
)


class Proof(RequestModel):
    """Verifies again who the caller is. Send one of three.

    The `password`; or `provider`, `id_token` and `nonce` of a provider's SDK, as at a sign-in; or
    `code` and `code_verifier` of a sign-in in the browser.
    """

    password: Secret | None = None
    provider: SocialProvider | None = Field(
        default=None, description="Whose ID token it is", examples=[None]
    )
    id_token: Secret | None = Field(default=None, examples=[None])
    nonce: Secret | None = Field(default=None, examples=[None])
    code: Secret | None = Field(
        default=None, description="The one-time code of `...callback`", examples=[None]
    )
    code_verifier: Secret | None = Field(default=None, examples=[None])

    @model_validator(mode="after")
    def hold_one(self) -> Self:
        """Google's token may have no nonce, if it is new."""
        sent = self.model_fields_set - {"nonce"}
        if sent not in _PROOFS or (self.nonce is not None and "id_token" not in sent):
            raise ONE_PROOF.error()
        return self


_PROOFS = ({"password"}, {"provider", "id_token"}, {"code", "code_verifier"})


class MfaCode(RequestModel):
    """Six digits of the authenticator app, or one of the recovery codes. Spaces don't matter."""

    code: Annotated[str, Exact(1, 64)] = Field(
        description="The code, as it was typed", examples=["492039"]
    )


class NativeSignIn(RequestModel):
    """What a provider's SDK gave the app. `nonce` comes from `POST /auth/nonce`.

    LINE and Apple need a nonce. Google's is optional, and checked if it is sent.
    `authorization_code` is only for Apple: its SDK gives it with the ID token. With it, the app is
    disconnected from the Apple account when the user deletes their account.
    """

    id_token: Secret
    nonce: Secret | None = None
    authorization_code: Annotated[str, Exact(maximum=1000)] | None = None
    terms_version: TermsVersion | None = None


class LinkProvider(RequestModel):
    """What a provider's SDK gave the app, as at a sign-in: the same checks hold.

    Without a nonce, Google's token must have been issued within ten minutes.
    """

    id_token: Secret
    nonce: Secret | None = None
    authorization_code: Annotated[str, Exact(maximum=1000)] | None = None


class EmailAndPassword(RequestModel):
    """An address and a password to sign in with. The password follows the rules of a sign-up."""

    email: EmailAddress
    password: Secret


LineAccessToken = Annotated[
    str,
    Exact(1, 4000),
    Field(
        description="The access token of LINE's SDK, for an account with LINE: it is used once, to "
        "unlink the app there",
        examples=["eyJhbGciOiJIUzI1NiJ9.UnQ_o-GP0VtnwDjbK0C8E_NvK"],
    ),
]


class Unlink(RequestModel):
    """The password, if the account has one; and LINE's access token, to unlink the app there."""

    password: Secret | None = None
    line_access_token: LineAccessToken | None = None


class EmailChange(RequestModel):
    """The new address; and the password, if the account has one."""

    email: EmailAddress
    password: Secret | None = None


class EmailChangeConfirmation(RequestModel):
    """The token in the email to the new address."""

    token: Secret


class AuthorizeQuery(BaseModel):
    """How an app begins a sign-in by the browser. The challenge is that of PKCE, S256."""

    redirect_uri: Secret
    code_challenge: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    code_challenge_method: Literal["S256"] = "S256"
    state: Annotated[str, Exact(1, 500)]


class ProviderAnswer(BaseModel):
    """The parameters with which a provider sends the browser back. Others are ignored."""

    state: str = ""
    code: str | None = None
    error: str | None = None
    error_description: str | None = None
    iss: str | None = Field(default=None, description="The issuer (RFC 9207)")
    user: str | None = Field(
        default=None, description="The name, as JSON; only Apple sends it, the first time"
    )


class Exchange(RequestModel):
    code: Secret
    code_verifier: Secret


class TokenPair(ResponseModel):
    """An access token for calls, and a refresh token that gets the next pair once."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int = Field(description="Seconds until the access token expires")
    refresh_token: str
    refresh_expires_in: int = Field(description="Seconds until the refresh token expires")


class SignedIn(ResponseModel):
    user: Me
    tokens: TokenPair


class NonceCreated(ResponseModel):
    """A nonce for the provider's SDK, which puts it into the ID token. It works once."""

    nonce: str
    expires_in: int
