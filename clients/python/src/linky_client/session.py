"""Who is signed in: tokens, their one refresh, and the state that an app shows."""

import json
import time
import uuid
from asyncio import Lock, sleep
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from linky_client.errors import (
    LinkyError,
    MalformedAnswerError,
    Problem,
    SignedOutError,
    UnknownProblem,
    UnreachableError,
)
from linky_client.generated import models
from linky_client.store import Store
from linky_client.transport import Transport
from linky_client.values import AuthState, CallOptions, SignedIn, SignedOut, Suspended, Tokens

if TYPE_CHECKING:
    from linky_client.generated.apis import AuthApi

TOKENS = "tokens"
SIGNING_OUT = "signing_out/"
REFRESH_LOCK = "refresh"
ENDED = frozenset({"invalid_refresh_token", "refresh_token_reused", "session_revoked"})
"""What a refresh answers when the session is over."""
REFRESH_OPTIONS = CallOptions(timeout=7.0, attempts=4, repeatable=True)
"""The server takes a used refresh token for 30 seconds: a lost answer can be got again."""
LOCK_SECONDS = 25.0
"""Then ask without the lock, within the leeway of 30 seconds: its holder may have died."""
WRITE_SECONDS = 2.0
"""For a lock that is held while a file is written."""
EARLY_SECONDS = 30.0

type Listener = Callable[[AuthState], None]


class Session:
    """The signed-in user of one client.

    The clock of the device decides nothing: the server says that a token has expired. Only a token
    that this process got itself is renewed before its end, by a clock that cannot be set.
    """

    def __init__(self, transport: Transport, auth: "AuthApi", store: Store) -> None:
        self._transport = transport
        self._auth = auth
        self._store = store
        self._lock = Lock()
        self._write_lock = Lock()
        self._listeners: list[Listener] = []
        self._got_at: tuple[str, float] | None = None
        self._failure: tuple[float, LinkyError] | None = None
        self._state: AuthState = self._stored_state() or SignedOut(is_unread=True)

    @property
    def state(self) -> AuthState:
        """Who is signed in now."""
        return self._state

    @property
    def user_id(self) -> str | None:
        """Whose tokens are in the store now. None if no user is signed in."""
        tokens = self._load()
        return None if tokens is None else tokens.user_id

    def look_again(self) -> None:
        """Show who is signed in, if the store could not be read when the session was made."""
        if isinstance(self._state, SignedOut) and self._state.is_unread:
            self._change(self._stored_state() or self._state)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Be told the state now, and each change of it. Returns what ends it."""
        listener(self._state)
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    async def register(self, form: models.Register) -> models.Me:
        """Make an account. If the answer was lost, the account is found by its password."""
        try:
            answer = await self._auth.register(form)
        except UnreachableError as lost:
            if not lost.may_have_arrived:
                raise
            answer = await self._register_again(form)
        return await self.adopt(answer)

    async def _register_again(self, form: models.Register) -> models.SignedIn:
        try:
            return await self._auth.register(form)
        except Problem as problem:
            if problem.code != "email_taken":
                raise
            try:
                form_ = models.Login(email=form.email, password=form.password)
                return await self._auth.login(form_)
            except Problem:
                raise problem from None

    async def sign_in(self, email: str, password: str) -> models.Me:
        """Sign in by email and password."""
        return await self.adopt(
            await self._auth.login(models.Login(email=email, password=password))
        )

    async def enter_as_guest(self) -> models.Me:
        """Begin as a guest, who may read."""
        return await self.adopt(await self._auth.enter_as_guest())

    async def adopt(self, answer: models.SignedIn) -> models.Me:
        """Take the tokens of any call that answers with some: social sign-in, upgrade, exchange."""
        pair, user = answer.tokens, answer.user
        async with self._writing():
            self._transport.forget()
            self._keep(_tokens_of(pair, user.id, user.is_guest))
        self._change(SignedIn(user.id, user.is_guest))
        return user

    async def sign_out(self) -> None:
        """Sign out at once, and tell the server; if it can't be reached, at the next start.

        A refresh that is under way brings no token back.
        """
        async with self._writing():
            tokens = self._load()
            if tokens is not None:
                self._store.write(SIGNING_OUT + str(uuid.uuid4()), tokens.refresh_token)
            self._end("")
        await self.finish_sign_outs()

    async def finish_sign_outs(self) -> None:
        """Tell the server of sign-outs that it has not heard of, so that their pushes stop."""
        for key in self._store.keys(SIGNING_OUT):
            token = self._store.read(key)
            if token is None or await self._was_told_of(token):
                self._store.delete(key)

    async def _was_told_of(self, token: str) -> bool:
        try:
            await self._auth.logout(models.RefreshRequest(refresh_token=token))
        except Problem as problem:
            # What has no code of ours is a proxy's: the server has not heard of it.
            passes = problem.status in (408, 429) or problem.status >= 500
            return not passes and not isinstance(problem, UnknownProblem)
        except LinkyError:
            return False
        return True

    async def tokens_for(self, user_id: str | None) -> Tokens:
        """For the next call. Raises SignedOutError if no user is signed in, or not `user_id`."""
        tokens = self._load()
        if tokens is None:
            raise self._signed_out()
        if self._is_old(tokens):
            tokens = await self._refreshed(tokens.access_token)
        if user_id not in (None, tokens.user_id):
            raise SignedOutError
        return tokens

    def _signed_out(self) -> SignedOutError:
        """There are no tokens. Another process may have signed out: the state says so."""
        code = self._state.code if isinstance(self._state, SignedOut) else ""
        self._change(SignedOut(code))
        return SignedOutError(code)

    async def renew(self, refused: str, code: str) -> bool:
        """Whether there is another token to try after one was refused with a 401."""
        if code in ("token_expired", "token_invalid"):
            return (await self._refreshed(refused)).access_token != refused
        if code != "session_revoked":
            return False
        async with self._lock, self._writing():
            tokens = self._load()
            if tokens is not None and tokens.access_token != refused:
                return True  # The user has signed in again meanwhile.
            if tokens is not None or not isinstance(self._state, SignedOut):
                self._end(code)
        return False

    def note_suspension(self, problem: Problem) -> None:
        """Show that the account is suspended. The tokens stay."""
        tokens = self._load()
        if tokens is not None:
            url = problem.body.get("appeal_url")
            appeal = url if isinstance(url, str) else None
            self._change(Suspended(tokens.user_id, problem.detail, appeal))

    async def refresh(self) -> None:
        """Get new tokens now: after a suspension ended, or when a role has changed."""
        await self._refreshed((await self.tokens_for(None)).access_token)

    async def _refreshed(self, refused: str) -> Tokens:
        """Another access token than the refused one. Of many callers one asks the server."""
        asked_at = time.monotonic()
        async with self._lock:
            if self._failure is not None and self._failure[0] >= asked_at:
                raise self._failure[1]  # The one before waited long enough for all.
            async with self._across_processes(REFRESH_LOCK, LOCK_SECONDS):
                tokens = self._load()
                if tokens is None:
                    raise self._signed_out()
                if tokens.access_token != refused:
                    return tokens
                try:
                    return await self._ask(tokens)
                except LinkyError as error:
                    self._failure = (time.monotonic(), error)
                    raise

    async def _ask(self, tokens: Tokens) -> Tokens:
        """Ask the server for new tokens. Only its own word ends the session."""
        form = models.RefreshRequest(refresh_token=tokens.refresh_token)
        try:
            pair = await self._auth.refresh_tokens(form, options=REFRESH_OPTIONS)
        except Problem as problem:
            return await self._after_refusal(tokens, problem)
        new = _tokens_of(pair, tokens.user_id, tokens.is_guest)
        async with self._writing():
            if other := self._other_than(tokens):
                return other
            self._keep(new)
            self._change(SignedIn(tokens.user_id, tokens.is_guest))
        return new

    async def _after_refusal(self, tokens: Tokens, problem: Problem) -> Tokens:
        async with self._writing():
            if other := self._other_than(tokens):
                return other
            if problem.code in ENDED:
                self._end(problem.code)
                raise SignedOutError(problem.code) from problem
        if problem.code == "account_suspended":
            self.note_suspension(problem)
        raise problem

    def _other_than(self, sent: Tokens) -> Tokens | None:
        """What is in the store now, if not what was sent. Raises SignedOutError after a sign-out.

        While the server was asked, the user may have signed out, or another process was quicker.
        """
        now = self._load()
        if now is None:
            raise self._signed_out()
        return None if now.refresh_token == sent.refresh_token else now

    @asynccontextmanager
    async def _writing(self) -> AsyncIterator[None]:
        """For a look at the tokens and the write that follows: no other write comes between.

        Only if another holds the lock for long, as one that hangs does, it goes on without.
        """
        async with self._write_lock, self._across_processes(TOKENS, WRITE_SECONDS):
            yield

    @asynccontextmanager
    async def _across_processes(self, name: str, seconds: float) -> AsyncIterator[None]:
        """Hold a lock of the store. After a while go on without: the server bears two at once."""
        until = time.monotonic() + seconds
        is_ours = self._store.try_lock(name)
        while not is_ours and time.monotonic() < until:
            await sleep(0.05)
            is_ours = self._store.try_lock(name)
        try:
            yield
        finally:
            if is_ours:
                self._store.unlock(name)

    def _load(self) -> Tokens | None:
        """The tokens as they are in the store: another process may have renewed them."""
        try:
            text = self._store.read(TOKENS)
            return None if text is None else Tokens.parse(json.loads(text))
        except (ValueError, MalformedAnswerError):
            return None

    def _keep(self, tokens: Tokens) -> None:
        self._store.write(TOKENS, json.dumps(tokens.to_json()))
        self._got_at = (tokens.access_token, time.monotonic())
        self._failure = None

    def _is_old(self, tokens: Tokens) -> bool:
        """Whether this process got the token so long ago that it is about to expire."""
        if self._got_at is None or self._got_at[0] != tokens.access_token:
            return False
        return time.monotonic() - self._got_at[1] > tokens.expires_in - EARLY_SECONDS

    def _end(self, code: str) -> None:
        self._store.delete(TOKENS)
        self._transport.forget()
        self._change(SignedOut(code))

    def _stored_state(self) -> AuthState | None:
        """Who is signed in. None if the store can't be read now, which may pass."""
        try:
            tokens = self._load()
        except Exception:  # noqa: BLE001 - A key-chain that is locked has an error of its own.
            return None
        return SignedIn(tokens.user_id, tokens.is_guest) if tokens else SignedOut()

    def _change(self, state: AuthState) -> None:
        if state != self._state:
            self._state = state
            for listener in [*self._listeners]:
                listener(state)


def _tokens_of(pair: models.TokenPair, user_id: str, is_guest: bool) -> Tokens:
    return Tokens(pair.access_token, pair.refresh_token, pair.expires_in, user_id, is_guest)
