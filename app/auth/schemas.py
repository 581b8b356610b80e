"""What clients send and get when signing up, in and out."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from app.core.schemas import EmailAddress, RequestModel, ResponseModel, Secret
from app.user.schemas import Me, Nickname, TermsVersion


class Register(RequestModel):
    """A new account by e-mail. The password may be in any script: 8 to 128 characters that are not
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
    token: Secret


class NativeSignIn(RequestModel):
    """What a provider's SDK gave the app. `nonce` is the one from `POST /auth/nonce`.

    LINE and Apple need it; Google's is checked where it is sent. `authorization_code` is what
    Apple's SDK gives beside the ID token: with it the app is disconnected from the person's
    Apple account when they leave. The others take none.
    """

    id_token: Secret
    nonce: Secret | None = None
    authorization_code: Annotated[Secret, Field(max_length=1000)] | None = None
    terms_version: TermsVersion | None = None


class AuthorizeQuery(BaseModel):
    """How an app begins a sign-in by a browser. The challenge is PKCE's, S256."""

    redirect_uri: Secret
    code_challenge: Annotated[Secret, Field(pattern=r"^[A-Za-z0-9_-]{43}$")]
    code_challenge_method: Literal["S256"] = "S256"
    state: Annotated[Secret, Field(min_length=1, max_length=500)]


class ProviderAnswer(BaseModel):
    """What a provider sends the browser back with; there may be more, which is nothing to us."""

    state: str = ""
    code: str | None = None
    error: str | None = None
    error_description: str | None = None
    iss: str | None = Field(default=None, description="Who answers (RFC 9207)")
    user: str | None = Field(default=None, description="The name, as JSON: Apple, the first time")


class Exchange(RequestModel):
    code: Secret
    code_verifier: Secret


class TokenPair(ResponseModel):
    """An access token to call with, and a refresh token to get the next pair with, once."""

    access_token: str
    token_type: Literal["bearer"]
    expires_in: int = Field(description="Seconds until the access token is over")
    refresh_token: str
    refresh_expires_in: int = Field(description="Seconds until the refresh token is over")


class SignedIn(ResponseModel):
    user: Me
    tokens: TokenPair


class NonceCreated(ResponseModel):
    """For the provider's SDK to put into its ID token. It works once."""

    nonce: str
    expires_in: int
