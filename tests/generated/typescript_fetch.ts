// The journey with the client that openapi-generator makes with `-g typescript-fetch`.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";

import {
  AuthApi,
  CommentsApi,
  Configuration,
  ImagesApi,
  LoungesApi,
  NotificationItemFromJSON,
  NotificationItemToJSON,
  NotificationsApi,
  type Post,
  PostsApi,
  type Problem,
  ProblemFromJSON,
  ResponseError,
} from "./client";

/** A member who has just registered, and the groups of calls. */
interface Caller {
  lounges: LoungesApi;
  images: ImagesApi;
  posts: PostsApi;
  comments: CommentsApi;
  notifications: NotificationsApi;
}

async function main(url: string, picture: string): Promise<void> {
  const writer = await signUp(url, "書く人");
  const reader = await signUp(url, "読む人");
  const post = await publish(writer, picture);
  await changeOnlyTheTitle(writer, post);
  await comment(writer, reader, post);
  await readNotifications(writer);
  await meetProblems(writer, post);
  await writer.posts.deletePost({ postId: post.id });
  assert.equal(await code(writer.posts.getPost({ postId: post.id }), 404), "post_not_found");
}

async function signUp(url: string, nickname: string): Promise<Caller> {
  const register = {
    email: `g-${randomUUID()}@example.com`,
    password: "kawa-no-nagare-4817",
    nickname,
  };
  const signedIn = await new AuthApi(new Configuration({ basePath: url })).register({ register });
  assert.equal(signedIn.user.nickname, nickname);
  const accessToken = signedIn.tokens.accessToken;
  const configuration = new Configuration({ basePath: url, accessToken });
  return {
    lounges: new LoungesApi(configuration),
    images: new ImagesApi(configuration),
    posts: new PostsApi(configuration),
    comments: new CommentsApi(configuration),
    notifications: new NotificationsApi(configuration),
  };
}

async function publish(writer: Caller, picture: string): Promise<Post> {
  const loungeId = (await writer.lounges.listLounges({ limit: 1 })).items[0].id;
  const file = new Blob([new Uint8Array(await readFile(picture))]);
  const image = await writer.images.uploadImage({ file, idempotencyKey: randomUUID() });
  const request = {
    postCreate: { loungeId, title: "朝の散歩", body: "川沿いを歩きました。", imageIds: [image.id] },
    idempotencyKey: randomUUID(),
  };
  const post = await writer.posts.createPost(request);
  assert.deepEqual(post.images.map((each) => each.id), [image.id]);
  assert.equal((await writer.posts.createPost(request)).id, post.id);
  const withoutPictures = { loungeId, title: "写真なし", body: "言葉だけ" };
  assert.deepEqual((await writer.posts.createPost({ postCreate: withoutPictures })).images, []);
  return post;
}

async function changeOnlyTheTitle(writer: Caller, post: Post): Promise<void> {
  const postId = post.id;
  const tag = (await writer.posts.getPostRaw({ postId })).raw.headers.get("ETag");
  assert.ok(tag);
  // The generator makes an error of a 304.
  await assert.rejects(
    writer.posts.getPost({ postId, ifNoneMatch: tag }),
    (error) => error instanceof ResponseError && error.response.status === 304,
  );
  const change = { postId, postUpdate: { title: "夕方の散歩" }, ifMatch: tag };
  const changed = await writer.posts.updatePost(change);
  assert.equal(changed.title, "夕方の散歩");
  assert.equal(changed.body, post.body);
  assert.deepEqual(changed.images, post.images);
  assert.equal(await code(writer.posts.updatePost(change), 412), "precondition_failed");
}

async function comment(writer: Caller, reader: Caller, post: Post): Promise<void> {
  const postId = post.id;
  for (const [caller, body] of [[writer, "写真は朝のものです。"], [reader, "きれいですね。"]] as const) {
    const request = { postId, commentCreate: { body }, idempotencyKey: randomUUID() };
    await caller.comments.createComment(request);
  }
  const first = await writer.comments.listComments({ postId, limit: 1 });
  const cursor = first.nextCursor ?? undefined;
  const second = await writer.comments.listComments({ postId, limit: 1, cursor });
  const words = [...first.items, ...second.items].map((each) => each.body);
  assert.deepEqual(words, ["写真は朝のものです。", "きれいですね。"]);
  assert.equal(second.nextCursor, null);
}

async function readNotifications(writer: Caller): Promise<void> {
  const item = (await writer.notifications.listNotifications({ unread: true })).items[0];
  assert.deepEqual([item.type, item.read, item.actor?.nickname], ["comment", false, "読む人"]);
  assert.ok(item.createdAt instanceof Date);
  const newer = { ...NotificationItemToJSON(item), type: "of_a_newer_server" };
  assert.equal(NotificationItemFromJSON(newer).type, "of_a_newer_server");
  const unread = await countUnread(writer);
  assert.ok(unread >= 1);
  await writer.notifications.markNotificationsRead({ markRead: {} });
  assert.equal(await countUnread(writer), unread);
  await writer.notifications.markNotificationsRead({ markRead: { all: true } });
  assert.equal(await countUnread(writer), 0);
}

async function countUnread(writer: Caller): Promise<number> {
  return (await writer.notifications.countUnreadNotifications()).count;
}

async function meetProblems(writer: Caller, post: Post): Promise<void> {
  const unknown = writer.posts.getPost({ postId: randomUUID() });
  assert.equal(await code(unknown, 404), "post_not_found");
  const change = { postId: post.id, postUpdate: { imageIds: [randomUUID()] } };
  assert.equal(await code(writer.posts.updatePost(change), 422), "image_not_available");
}

/** The code of the problem that a call must end with. */
async function code(call: Promise<unknown>, status: number): Promise<string> {
  const error = await call.then(() => null, (reason: unknown) => reason);
  assert.ok(error instanceof ResponseError, String(error));
  assert.equal(error.response.status, status);
  // The generator parses no error answers.
  const problem: Problem = ProblemFromJSON(await error.response.json());
  return problem.code;
}

void main(process.argv[2], process.argv[3]);
